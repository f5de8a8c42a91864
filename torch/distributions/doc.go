// Package distributions is PyTorch's torch.distributions: distributions of
// probability with parameters that gradients flow to.
//
//	d := distributions.NewNormal(0, scale)   // parameters are tensors or numbers, and broadcast
//	x := d.Sample(1000)                      // 1000 samples of the whole batch
//	loss := d.LogProb(x).Mean().Neg()
//
// After [torch.ManualSeed] the samples are those that Python draws. Distributions
// of two or more outcomes take [Probs] or [Logits], and those of vectors a
// [CovarianceMatrix], a [PrecisionMatrix] or a [ScaleTril]:
//
//	distributions.NewCategorical(distributions.Logits(net.Forward(x)))
//	distributions.NewMultivariateNormal(loc, distributions.ScaleTril(l))
//
// Arguments are validated, which takes time; [Options] turn that off for one
// distribution and [SetDefaultValidateArgs] for all.
//
// # Gradients through samples
//
// Where an environment gives a reward for a sample, the score function estimates
// the gradient of its mean (REINFORCE):
//
//	policy := distributions.NewCategorical(distributions.Logits(net.Forward(state)))
//	action := policy.Sample()
//	reward := environment.Step(action.Int())
//	policy.LogProb(action).Mul(-reward).Backward()
//
// Where the reward is itself differentiable, RSample has less variance: it draws the
// sample as a function of the parameters. This is how a variational autoencoder is
// trained, with a divergence that has a formula:
//
//	posterior := distributions.NewNormal(mean, logVar.Mul(0.5).Exp())
//	prior := distributions.NewNormal(torch.ZerosLike(mean), torch.OnesLike(mean))
//	reconstruction := decoder.Forward(posterior.RSample())
//	kl := distributions.KLDivergence(posterior, prior).Sum(-1).Mean()
//	functional.MSELoss(reconstruction, x).Add(kl).Backward()
//
// # Other distributions
//
// [TransformedDistribution] makes a distribution by transforming the samples of
// another, [Independent] takes a part of a batch as one event, and
// [MixtureSameFamily] mixes. A type of one's own embeds [Common], has the methods
// that it can give and Traits, and is made by [Init]; [RegisterKL] adds divergences.
//
// https://docs.pytorch.org/docs/stable/distributions.html
package distributions
