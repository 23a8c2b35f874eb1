"""Which copies a filter leaves to the printer: what our text filter and the backend have to agree about.

``*ipps443Copies: "True"`` stands in descriptions of printers that say that they make copies of a whole document, one
after the other. On these queues texttopdf443 writes one copy. The filters of CUPS write all of them, and the backend
takes all but one out of a PDF (``finished_sets``); raster keeps them.
"""

from __future__ import annotations

import re

from filters.common.job import Job

#: The line of a description, and the filter that leaves copies because of it.
LINE, TEXT_FILTER = "ipps443Copies", "texttopdf443"
#: How much of a description has all that is about the whole printer.
BEGINNING = 16384


def are_left_to_printer(job: Job, description: str) -> bool:
    """Tell whether several copies of a job are for the printer to make.

    Args:
        description: the text of the queue's printer description, or its beginning.
    """
    return job.copies > 1 and job.backend == "ipps443" and f'\n*{LINE}: "True"' in description


def are_left_by_text_filter(job: Job, description: str) -> bool:
    """Tell whether our text filter has written one copy of a job of several."""
    kind = re.escape(job.content_type)
    line = rf'^\*cupsFilter2: "{kind} \S+ [0-9]+ {TEXT_FILTER}"'
    return are_left_to_printer(job, description) and bool(re.search(line, description, re.MULTILINE | re.IGNORECASE))
