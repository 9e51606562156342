"""The jobs panel and what the window says about jobs: the list, the chosen job, previews on the canvas, notices.

`model` lists the queue, `rows` paints it, `detail` shows the chosen job with what can be done, `panel` puts all in one;
`news` tells of jobs elsewhere in the window, `closing` asks before a running job is stopped. What is kept, order and
pause included, lies in the queue itself.
"""

from studio.ui.panels.jobs.panel import JobsPanel

__all__ = ["JobsPanel"]
