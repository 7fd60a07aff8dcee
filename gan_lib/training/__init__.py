"""Training: a run of named nets, Algorithm 1 as an iterator of steps, and consumers of steps."""

from .averaging import (
    averaged_generator,
    refresh_statistics,
    update_averages,
    with_fresh_statistics,
)
from .descent import TrainingDiverged, descend
from .device import matmul_precision, pick_device
from .fit import fit, start_fit
from .historical import historical_averaging
from .loop import discriminator_step, generator_loss, generator_step, train
from .nets import mixes_batch, takes_labels
from .sampling import sample_noise
from .settings import FitSettings, RunSettings, Settings
from .state import TrainingState, begin, extend, start
from .steps import FitStep, Step, record, snapshots, time_limit
