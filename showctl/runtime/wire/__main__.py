"""``python -m showctl.runtime.wire``: the wire process (see ``process.py``)."""

from showctl.runtime.wire.process import main

if __name__ == "__main__":
    main()
