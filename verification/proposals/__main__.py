"""Run the checks: python -m verification.proposals."""

import sys

from verification.proposals.checks import main

sys.exit(main())
