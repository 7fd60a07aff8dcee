def _d(body):
    return f"def optimal_discriminator(p_data, p_g):\n    return {body}"


def _v(body):
    return f"def value(d, p_data, p_g, x):\n    return float({body})"


def _c(body):
    return f"def cost(p_data, p_g, x):\n    return {body}"


BCE = "    bce = torch.nn.functional.binary_cross_entropy_with_logits\n"
SOFT = "    softplus = torch.nn.functional.softplus\n"


def _dl(body):
    return f"def discriminator_loss(real_logits, fake_logits):\n{BCE}{SOFT}    return {body}"


def _ns(body):
    return f"def non_saturating_generator_loss(fake_logits):\n{BCE}{SOFT}    return {body}"


def _sl(minimax, non_saturating):
    head = "def sigma(a):\n    return 1 / (1 + np.exp(-a))\n\n"
    return f"{head}def minimax_slope(a):\n    return {minimax}\n\ndef non_saturating_slope(a):\n    return {non_saturating}"


def _score(body):
    return (
        "def mended_score(logits, labels):\n    F = torch.nn.functional\n    a, d = logits, torch.sigmoid(logits)\n"
        f"    return {body}"
    )


def _sm(body):
    return (
        f"def smoothed_discriminator_loss(real_logits, fake_logits, smooth):\n{BCE}{SOFT}"
        f"    ones, zeros = torch.ones_like(real_logits), torch.zeros_like(fake_logits)\n    return {body}"
    )


LOG_D, LOG_1_D = "torch.log(torch.sigmoid(real_logits))", "torch.log(1 - torch.sigmoid(fake_logits))"

MUTANTS = {
    "optimal_discriminator": [
        ("labels swapped", _d("p_g / (p_g + p_data)"), "labels are swapped"),
        ("ratio, no sum", _d("p_data / p_g"), "ratio"),
        ("logit", _d("np.log(p_data) - np.log(p_g)"), "logit"),
        ("divided by the mixture", _d("p_data / ((p_data + p_g) / 2)"), "twice too large"),
        ("summed over the grid", _d("p_data / (p_data.sum() + p_g.sum())"), "over the grid"),
        ("hard decision", _d("np.where(p_data > p_g, 1.0, 0.0)"), "how* likely"),
        ("no division", _d("p_data"), "density p_data itself"),
    ],
    "value": [
        ("trapezoid's arguments", _v("np.trapezoid(x, p_data * np.log(d) + p_g * np.log(1 - d))"), "are swapped: the heights"),
        ("and a minus", _v("-np.trapezoid(x, p_data * np.log(d) + p_g * np.log(1 - d))"), "should be"),
        ("no 1 - D", _v("np.trapezoid(p_data * np.log(d) + p_g * np.log(d), x)"), "fakes' term has log D"),
        ("p_data in both", _v("np.trapezoid(p_data * (np.log(d) + np.log(1 - d)), x)"), "weighs both"),
        ("sum without dx", _v("np.sum(p_data * np.log(d) + p_g * np.log(1 - d))"), "without their widths"),
        ("mean", _v("np.mean(p_data * np.log(d) + p_g * np.log(1 - d))"), "mean over the grid"),
        ("densities swapped", _v("np.trapezoid(p_g * np.log(d) + p_data * np.log(1 - d), x)"), "densities are swapped"),
        ("even grid assumed", _v("np.sum(p_data * np.log(d) + p_g * np.log(1 - d)) * (x[1] - x[0])"), "not even"),
        ("trapezoid without x", _v("np.trapezoid(p_data * np.log(d) + p_g * np.log(1 - d))"), "all steps were 1"),
        ("sign", _v("-np.trapezoid(p_data * np.log(d) + p_g * np.log(1 - d), x)"), "sign"),
        ("bits", _v("np.trapezoid(p_data * np.log2(d) + p_g * np.log2(1 - d), x)"), "bits"),
        ("left rectangles", _v("np.sum((p_data * np.log(d) + p_g * np.log(1 - d))[:-1] * np.diff(x))"), "left end"),
    ],
    "cost": [
        ("-log 2", _c("-math.log(2) + 2 * densities.js(p_data, p_g, x)"), "half of it"),
        ("JS not doubled", _c("-math.log(4) + densities.js(p_data, p_g, x)"), "twice"),
        ("log base 2", _c("-math.log2(4) + 2 * densities.js(p_data, p_g, x)"), "partly"),
        ("all in bits", _c("-2 + 2 * densities.js(p_data, p_g, x) / math.log(2)"), "base 2"),
        ("+log 4", _c("math.log(4) + 2 * densities.js(p_data, p_g, x)"), "sign of log 4"),
        ("D's loss", _c("math.log(4) - 2 * densities.js(p_data, p_g, x)"), "D's loss"),
        ("KL for JS", _c("-math.log(4) + 2 * densities.kl(p_data, p_g, x)"), "KL in place"),
        (
            "through a rounded D*",
            "def cost(p_data, p_g, x):\n    d = p_data / (p_data + p_g)\n"
            "    return float(np.trapezoid(p_data * np.log(d) + p_g * np.log(1 - d), x))",
            "rounds to 0 or 1",
        ),
        ("no constant", _c("2 * densities.js(p_data, p_g, x)"), "missing"),
    ],
    "best_step": [
        ("lowest loss", "best_step = steps[np.argmin(d_losses)]", "tells the fakes *best*"),
        ("last", "best_step = steps[-1]", "last step"),
        ("the loss, not the step", "best_step = max(d_losses)", "number of the step"),
    ],
    "js_at_end": [
        ("not halved", "js_at_end = math.log(4) - d_losses[-1]", "2 JS"),
        ("sign", "js_at_end = (d_losses[-1] - math.log(4)) / 2", "sign"),
        ("bits", "js_at_end = (math.log(4) - d_losses[-1]) / 2 / math.log(2)", "bits"),
        ("V for loss", "js_at_end = (math.log(4) + d_losses[-1]) / 2", "V is minus it"),
        ("loss itself", "js_at_end = d_losses[-1]", "itself"),
        ("log 2", "js_at_end = (math.log(2) - d_losses[-1]) / 2", "started from log 2"),
    ],
    "discriminator_loss": [
        (
            "twice the mean over all",
            _dl("2 * torch.cat([softplus(-real_logits), softplus(fake_logits)]).mean()"),
            "equally many",
        ),
        (
            "by the first axis",
            _dl("softplus(-real_logits).sum() / len(real_logits) + softplus(fake_logits).sum() / len(fake_logits)"),
            "more axes",
        ),
        (
            "fakes detached",
            _dl("softplus(-real_logits).mean() + softplus(fake_logits.detach()).mean()"),
            "to the fake logits",
        ),
        (
            "numpy",
            _dl("torch.tensor(np.log1p(np.exp(-real_logits.numpy())).mean() + np.log1p(np.exp(fake_logits.numpy())).mean())"),
            "no slope flows through it",
        ),
        ("sum for mean", _dl(f"-{LOG_D}.sum() - {LOG_1_D}.sum()"), "sum"),
        (
            "sigmoid twice",
            _dl(
                "bce(real_logits.sigmoid(), torch.ones_like(real_logits))"
                " + bce(fake_logits.sigmoid(), torch.zeros_like(fake_logits))"
            ),
            "twice",
        ),
        ("sign", _dl(f"{LOG_D}.mean() + {LOG_1_D}.mean()"), "sign"),
        ("real and fake swapped", _dl("softplus(real_logits).mean() + softplus(-fake_logits).mean()"), "swapped"),
        ("log D on fakes", _dl("softplus(-real_logits).mean() + softplus(-fake_logits).mean()"), "fakes' term has log D"),
        ("one mean over all", _dl("torch.cat([softplus(-real_logits), softplus(fake_logits)]).mean()"), "together"),
        ("halved", _dl("(softplus(-real_logits).mean() + softplus(fake_logits).mean()) / 2"), "halved"),
        ("logits as probabilities", _dl("-real_logits.log().mean() - (1 - fake_logits).log().mean()"), "not probabilities"),
        ("no fakes", _dl("softplus(-real_logits).mean()"), "fakes' term"),
        ("no real samples", _dl("softplus(fake_logits).mean()"), "real samples' term"),
        ("item", _dl("(softplus(-real_logits).mean() + softplus(fake_logits).mean()).item()"), "no slope"),
    ],
    "non_saturating_generator_loss": [
        ("saturating", _ns("torch.log(1 - torch.sigmoid(fake_logits)).mean()"), "minimax loss"),
        ("sum for mean", _ns("-torch.log(torch.sigmoid(fake_logits)).sum()"), "sum"),
        ("sigmoid twice", _ns("bce(fake_logits.sigmoid(), torch.ones_like(fake_logits))"), "twice"),
        ("label of the fake", _ns("bce(fake_logits, torch.zeros_like(fake_logits))"), "label 0"),
        ("sign", _ns("torch.log(torch.sigmoid(fake_logits)).mean()"), "sign"),
        ("logits as probabilities", _ns("-torch.log(fake_logits).mean()"), "not probabilities"),
        ("no mean", _ns("softplus(-fake_logits)"), "one loss for each fake"),
        ("no logarithm", _ns("-torch.sigmoid(fake_logits).mean()"), "without the logarithm"),
        ("detached", _ns("softplus(-fake_logits.detach()).mean()"), "no slope"),
    ],
    "slopes": [
        ("swapped", _sl("-(1 - sigma(a))", "-sigma(a)"), "did you swap"),
        ("by D", _sl("-1 / (1 - sigma(a))", "-1 / sigma(a)"), "slope by D"),
        ("minimax right, the other by D", _sl("-sigma(a)", "-1 / sigma(a)"), "non_saturating_slope: this is the slope by D"),
        ("sign", _sl("sigma(a)", "1 - sigma(a)"), "minimax_slope: the sign is turned"),
        ("sign of non-saturating", _sl("-sigma(a)", "1 - sigma(a)"), "non_saturating_slope: the sign is turned"),
        ("the same twice", _sl("-sigma(a)", "-sigma(a)"), "the other factor"),
        ("sigma' only", _sl("sigma(a) * (1 - sigma(a))", "sigma(a) * (1 - sigma(a))"), "this is sigma'"),
        ("-sigma' only", _sl("-sigma(a) * (1 - sigma(a))", "-sigma(a) * (1 - sigma(a))"), "this is sigma'"),
        ("losses", _sl("np.log(1 - sigma(a))", "-np.log(sigma(a))"), "the loss itself"),
        ("logit for D", _sl("-a", "-(1 - a)"), "only its logit"),
        (
            "second blank",
            _sl("-sigma(a)", "SECOND").replace("return SECOND", "raise NotImplementedError"),
            "non_saturating_slope: still blank",
        ),
    ],
    "mended_score": [
        (
            "more digits",
            _score("(labels * torch.sigmoid(a.double()).log() + (1 - labels) * torch.sigmoid(-a.double()).log()).mean()"),
            "more digits only move",
        ),
        ("clamped logits", _score("-F.binary_cross_entropy_with_logits(a.clamp(-500, 500), labels)"), "a clamp"),
        (
            "a threshold",
            _score(
                "torch.where(labels == 1, torch.where(a < -100, a, d.log()), torch.where(a > 100, -a, (1 - d).log())).mean()"
            ),
            "A threshold",
        ),
        (
            "a mean for each side",
            _score("F.logsigmoid(a[labels == 1]).mean() + F.logsigmoid(-a[labels == 0]).mean()"),
            "one mean, over all",
        ),
        ("not mended", _score("(labels * torch.log(d) + (1 - labels) * torch.log(1 - d)).mean()"), "rounded to 0"),
        (
            "epsilon",
            _score("(labels * torch.log(d + 1e-8) + (1 - labels) * torch.log(1 - d + 1e-8)).mean()"),
            "epsilon or a clamp",
        ),
        (
            "coarse epsilon",
            _score("(labels * torch.log(d + 1e-4) + (1 - labels) * torch.log(1 - d + 1e-4)).mean()"),
            "epsilon of 0.0001",
        ),
        (
            "tiny epsilon",
            _score("(labels * torch.log(d + 1e-12) + (1 - labels) * torch.log(1 - d + 1e-12)).mean()"),
            "epsilon or a clamp",
        ),
        (
            "D clamped",
            _score(
                "(labels * torch.log(d.clamp(1e-6, 1 - 1e-6)) + (1 - labels) * torch.log(1 - d.clamp(1e-6, 1 - 1e-6))).mean()"
            ),
            "epsilon or a clamp",
        ),
        (
            "logits clamped",
            _score("-F.binary_cross_entropy_with_logits(a.clamp(-50, 50), labels)"),
            "epsilon or a clamp",
        ),
        ("PyTorch's clamp at -100", _score("-F.binary_cross_entropy(d, labels)"), "epsilon or a clamp"),
        (
            "nan_to_num",
            _score("torch.nan_to_num(labels * torch.log(d) + (1 - labels) * torch.log(1 - d)).mean()"),
            "painted over",
        ),
        ("where", _score("torch.where(labels > 0.5, torch.log(d), torch.log(1 - d)).mean()"), "rounded to 0"),
        ("half mended", _score("(labels * F.logsigmoid(a) + (1 - labels) * torch.log(1 - d)).mean()"), "real side is mended"),
        (
            "float64",
            _score("(labels * torch.log(a.double().sigmoid()) + (1 - labels) * torch.log(1 - a.double().sigmoid())).mean()"),
            "real side is mended",
        ),
        ("sign", _score("F.binary_cross_entropy_with_logits(a, labels)"), "sign"),
        ("sum", _score("(labels * F.logsigmoid(a) + (1 - labels) * F.logsigmoid(-a)).sum()"), "sum"),
        ("sigmoid twice", _score("-F.binary_cross_entropy_with_logits(d, labels)"), "twice"),
        ("labels swapped", _score("((1 - labels) * F.logsigmoid(a) + labels * F.logsigmoid(-a)).mean()"), "labels are swapped"),
        ("minus outside", _score("(labels * F.logsigmoid(a) - (1 - labels) * F.logsigmoid(a)).mean()"), "inside"),
        ("item", _score("(labels * F.logsigmoid(a) + (1 - labels) * F.logsigmoid(-a)).mean().item()"), "no slope"),
        (
            "where, values only",
            _score(
                "torch.where(labels > 0.5,"
                " torch.where(a > -50, torch.log(d), a), torch.where(a < 16, torch.log(1 - d), -a)).mean()"
            ),
            "torch.where does not help",
        ),
    ],
    "smoothed_discriminator_loss": [
        ("both sides", _sm("bce(real_logits, ones - smooth) + bce(fake_logits, zeros + smooth)"), "both sides"),
        ("fake side only", _sm("bce(real_logits, ones) + bce(fake_logits, zeros + smooth)"), "smoothed the fakes"),
        ("1 + smooth", _sm("bce(real_logits, ones + smooth) + bce(fake_logits, zeros)"), "wrong way"),
        ("label = smooth", _sm("bce(real_logits, ones * smooth) + bce(fake_logits, zeros)"), "not smooth"),
        ("no smoothing", _sm("bce(real_logits, ones) + bce(fake_logits, zeros)"), "no smoothing"),
        ("real term scaled", _sm("(1 - smooth) * bce(real_logits, ones) + bce(fake_logits, zeros)"), "only scaled"),
        (
            "swapped",
            _sm("bce(fake_logits, zeros + 1 - smooth) + bce(real_logits, ones * 0)"),
            "swapped",
        ),
        ("sigmoid twice", _sm("bce(real_logits.sigmoid(), ones - smooth) + bce(fake_logits.sigmoid(), zeros)"), "twice"),
        (
            "sum for mean",
            _sm("bce(real_logits, ones - smooth, reduction='sum') + bce(fake_logits, zeros, reduction='sum')"),
            "sum",
        ),
        (
            "one mean over all",
            _sm("bce(torch.cat([real_logits, fake_logits]), torch.cat([ones - smooth, zeros]))"),
            "together",
        ),
        ("sign", _sm("-bce(real_logits, ones - smooth) - bce(fake_logits, zeros)"), "sign"),
    ],
    "d_settles": [
        ("one half", "d_settles = 0.5", "without smoothing"),
        ("the label", "d_settles = 1 - smooth", "label of the real"),
        ("scaled", "d_settles = (1 - smooth) / (2 - smooth)", "scaled"),
        ("fakes smoothed", "d_settles = (1 + smooth) / 2", "fakes smoothed"),
        ("logit", "d_settles = math.log((1 - smooth) / (1 + smooth))", "logit"),
    ],
}

ALSO_RIGHT = {
    "value": [
        (
            "simpson",
            "from scipy.integrate import simpson\n\n\n" + _v("simpson(p_data * np.log(d) + p_g * np.log(1 - d), x=x)"),
        ),
        ("by hand", _v("(((f := p_data * np.log(d) + p_g * np.log(1 - d))[1:] + f[:-1]) / 2 * np.diff(x)).sum()")),
    ],
    "cost": [("a tensor's log", _c("2 * densities.js(p_data, p_g, x) - 2 * torch.tensor(2.0, dtype=torch.float64).log()"))],
    "discriminator_loss": [
        (
            "BCELoss with ordinary labels",
            _dl(
                "torch.nn.BCELoss()(real_logits.sigmoid(), torch.ones(real_logits.shape)) "
                "+ torch.nn.BCELoss()(fake_logits.sigmoid(), torch.zeros(fake_logits.shape))"
            ),
        ),
        ("logs of sigmoids", _dl("-real_logits.sigmoid().log().mean() - (1 - fake_logits.sigmoid()).log().mean()")),
        (
            "logsigmoid",
            _dl("-torch.nn.functional.logsigmoid(real_logits).mean() - torch.nn.functional.logsigmoid(-fake_logits).mean()"),
        ),
    ],
    "mended_score": [
        ("BCE with logits", _score("-F.binary_cross_entropy_with_logits(a, labels)")),
        ("logaddexp", _score("-torch.logaddexp(torch.zeros_like(a), torch.where(labels == 1, -a, a)).mean()")),
        ("the stable formula", _score("-(torch.relu(a) - a * labels + torch.log1p(torch.exp(-a.abs()))).mean()")),
    ],
}
