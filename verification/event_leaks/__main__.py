"""Run the checks: ``python -m verification.event_leaks``."""

import sys

from verification.event_leaks.checks import main

sys.exit(main())
