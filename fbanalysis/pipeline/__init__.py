"""From the files as received to the finished report, running only what changed.

::

    chapters    what a notebook says of itself, read without running it
    freshness   content hashes: does a step have to run?
    plan        the steps of a year, and what each depends on
    work        what each step does, in a process of its own
    kernels     one notebook in one kernel
    warm        what such processes have imported before they are needed
    running     steps at the same time, the failing ones without the others
    receipts    what a report was made from and is made of; delivered files held against it
    releasing   what was delivered, kept to tell corrections by
    reproducing the year made again elsewhere, and compared
"""
