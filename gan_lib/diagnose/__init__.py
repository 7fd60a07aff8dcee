"""What is wrong with a GAN's training loop, in words: ten probes that watch somebody's own loop."""

from .probes import PROBES
from .report import Finding, Report, examine
