"""The site's own app: content pages, a block, a signer kind, demo content."""
