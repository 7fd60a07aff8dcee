"""What is wrong with a GAN's training loop, in words: ten probes that watch somebody's own loop.

Each probe measures one number, here in the order in which one would ask: cheap and certain first.

ranges
    How far an end of the data's range lies from the same end of G's (its last function is a tanh
    or a sigmoid), over the width of G's range; wrong above .4.
moved weights
    Which share of what the steps of an optimiser move belongs to its own net; wrong below .999.
stale gradients
    Which share of a step's gradient was left by earlier steps; wrong above .01.
leaked gradients
    Which share of a step's gradient the other player's loss has sent; wrong above .01.
directions
    1 if both losses pull D's answers to fakes the same way, -1 if they oppose; wrong above .5.
sigmoids
    The least that D's loss can reach: above 0 if a sigmoid's answer goes through another sigmoid.
random state
    How often torch's random state is one that it had left before, as a share; wrong above 0.
noise
    Which share of a step's noise had been used in an earlier step; wrong above .3.
BatchNorm
    The standard deviation after BatchNorm, before its own scale; wrong below .9 where eps is .01 or
    more. As the layer's input grows in training, the error fades, and so does its sign.
mixed batches
    By how much D's answers to reals depend on the fakes in their batch; wrong above .02.
"""

from .probes import PROBES
from .report import Finding, Report, examine
