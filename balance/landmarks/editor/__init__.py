"""The landmark editor: what is asked, what each action changes, and what is never lost."""
