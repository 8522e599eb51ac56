"""Run the checks: ``python -m verification.leaks``."""

import sys

from verification.leaks.checks import main

sys.exit(main())
