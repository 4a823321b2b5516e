"""Every benchmark, one after the other: `make bench`."""

import ack
import in_process

if __name__ == "__main__":
    in_process.main()
    ack.main()
