"""A printer's attributes to its PPD: PWG 5100.14 (IPP Everywhere), PPD 4.3 and CUPS's extensions of it. Pure.

Rules of this package:

- a printer is a stranger: no word of it reaches the PPD but through ``words``, which lets keywords through that are
  safe to write, and cleans all else; ``ppd_text`` looks at each line once more;
- a choice of an option is the IPP keyword itself, so that the way back to IPP needs no table; sizes have Adobe's names,
  and ``*ipps443Media`` says what they are for the printer;
- nothing is offered that the printer does not list; what it lists and cannot be offered is named in a note.
"""
