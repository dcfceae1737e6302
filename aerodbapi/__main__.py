"""Run the command line: `python -m aerodbapi`."""

import sys

from aerodbapi.cli.main import main

sys.exit(main())
