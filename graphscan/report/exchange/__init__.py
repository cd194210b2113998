"""What leaves the house: findings at a level, in a format that others read.

Takes in a run folder; gives out files. The way is one: `levels` makes the findings of a level, a format's
module turns them into bytes and sees nothing else, `journal` writes down what is about to leave, and only
then `release` puts the files where they were asked for.
"""
