"""Which tasks may be given to somebody by hand."""

from services.care.touches.domain import Task, TaskState
from shared.errors import Conflict


class TaskNotUnassigned(Conflict):
    slug = "task-not-unassigned"
    title = "The task is not on the list of unassigned ones"


def check_assignable(task: Task) -> None:
    """Raises TaskNotUnassigned unless it is open and nobody has it, or somebody by hand."""
    if task.state is not TaskState.OPEN:
        raise TaskNotUnassigned(f"it is {task.state}; read the customer's open tasks for what is ahead")
    if task.assignee_id is not None and task.assigned_by is None:
        raise TaskNotUnassigned("it follows from the customer's account team; change the team to change its person")
