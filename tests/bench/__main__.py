"""Every benchmark, one after the other: `make bench`. What the figures mean is in docs/performance.md."""

import in_process
import ledger
import server
import terminal

if __name__ == "__main__":
    in_process.main()
    ledger.main()
    terminal.main()
    server.main()
