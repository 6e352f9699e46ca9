"""What holds for all tests of the package."""

import signal

# A job in the background of a shell starts with SIGINT ignored, and so would everything that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
