"""The demo's content: each step can run again and adds nothing twice."""
