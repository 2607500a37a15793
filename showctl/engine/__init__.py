"""What happens next: events and commands, state, step, sequencing, tracking, holds, view."""
