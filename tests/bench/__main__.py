"""Every benchmark, one after the other: `make bench`. What the figures mean is in docs/performance.md."""

import in_process
import server
import terminal

if __name__ == "__main__":
    in_process.main()
    terminal.main()
    server.main()
