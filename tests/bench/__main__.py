"""Every benchmark, one after the other: `make bench`. What the figures mean is in docs/performance.md."""

import in_process
import ledger
import prices
import server
import soak
import terminal

if __name__ == "__main__":
    in_process.main()
    ledger.main()
    prices.main()
    terminal.main()
    server.main()
    soak.main()
