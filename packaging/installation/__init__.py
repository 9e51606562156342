"""What bootstrap.py does, step by step: system packages, `.venv`, the right torch, our own package.

Standard library only, because it runs before anything is installed; imports nothing of studio/.
"""
