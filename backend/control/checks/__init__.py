"""What can be wrong with an installation, one function each, and the command that fixes it.

Rules of these modules:

- a check looks and changes nothing, and prints nothing; only ``printers`` goes to the network, as a job would;
- what a check could not look at it says (``NotLookedAt``), instead of finding nothing;
- who may do what is read from owners and modes, because everything here is run by root and used by lp.
"""
