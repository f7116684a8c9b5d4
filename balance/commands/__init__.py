"""The commands: each parses, calls one function of the program, and prints.

A command raises ``BalanceError`` where it must stop; ``balance.cli`` makes the sentence and the
exit status of it. What a command needs beyond its options it imports when it runs, so that
``--help`` answers at once.
"""
