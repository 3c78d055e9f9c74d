"""Abuse detection. A signal only holds a signature for review; the signer never learns which signal it was."""
