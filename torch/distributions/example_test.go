package distributions_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

func ExampleNormal() {
	torch.ManualSeed(0)
	d := distributions.NewNormal(torch.NewTensor([]float32{0, 10}), 1.0)
	fmt.Println(d)
	fmt.Println(d.Sample(2))
	fmt.Println(d.LogProb(torch.NewTensor([]float32{0, 10})))
	fmt.Println(d.CDF(torch.NewTensor([]float32{0, 11})))
	// Output:
	// Normal(loc: torch.Size([2]), scale: torch.Size([2]))
	// tensor([[ 1.5410,  9.7066],
	//         [-2.1788, 10.5684]])
	// tensor([-0.9189, -0.9189])
	// tensor([0.5000, 0.8413])
}

// The score function gives the gradient of a mean reward, here of 1 for action 2.
func ExampleCategorical() {
	torch.ManualSeed(0)
	logits := torch.Zeros([]int{3}, torch.TensorOptions{RequiresGrad: true})
	policy := distributions.NewCategorical(distributions.Logits(logits))
	actions := policy.Sample(1000)
	reward := actions.Eq(2).To(torch.Float32)
	policy.LogProb(actions).Mul(reward).Mean().Neg().Backward()
	fmt.Println("the other two become rarer:", logits.Grad().Sign())
	// Output:
	// the other two become rarer: tensor([ 1.,  1., -1.])
}

// The divergence of a variational autoencoder's posterior from its prior.
func ExampleKLDivergence() {
	mean := torch.NewTensor([][]float32{{0, 1}, {2, 0}}).SetRequiresGrad(true)
	posterior := distributions.NewNormal(mean, 1.0)
	prior := distributions.NewNormal(torch.ZerosLike(mean), torch.OnesLike(mean))
	kl := distributions.KLDivergence(posterior, prior).Sum(-1).Mean()
	kl.Backward()
	fmt.Println(kl.Item())
	fmt.Println(mean.Grad())
	// Output:
	// 1.25
	// tensor([[0.0000, 0.5000],
	//         [1.0000, 0.0000]])
}

func ExampleTransformedDistribution() {
	// The logistic distribution.
	logistic := distributions.NewTransformedDistribution(distributions.NewUniform(0, 1), []distributions.Transform{
		distributions.Inv(distributions.SigmoidTransform{}),
		distributions.NewAffineTransform(2.0, 0.5),
	})
	fmt.Println(logistic.ICDF(torch.NewTensor([]float32{0.25, 0.5, 0.75})))
	fmt.Printf("%.4f\n", logistic.LogProb(torch.NewTensor(float32(2))).Exp().Item())
	// Output:
	// tensor([1.4507, 2.0000, 2.5493])
	// 0.5000
}

func ExampleMixtureSameFamily() {
	mixture := distributions.NewMixtureSameFamily(
		distributions.NewCategorical(distributions.Probs(torch.NewTensor([]float32{0.25, 0.75}))),
		distributions.NewNormal(torch.NewTensor([]float32{0, 4}), 1.0))
	fmt.Println(mixture)
	fmt.Println(mixture.Mean().Item(), mixture.Variance().Item())
	// Output:
	// MixtureSameFamily(
	//   Categorical(probs: torch.Size([2]), logits: torch.Size([2])),
	//   Normal(loc: torch.Size([2]), scale: torch.Size([2])))
	// 3 4
}

func ExampleIndependent() {
	d := distributions.NewNormal(torch.Zeros([]int{3, 2}), 1.0)
	vectors := distributions.NewIndependent(d, 1)
	fmt.Println(d.BatchShape(), d.EventShape())
	fmt.Println(vectors.BatchShape(), vectors.EventShape())
	fmt.Println(vectors.LogProb(torch.Zeros([]int{2})))
	// Output:
	// [3 2] []
	// [3] [2]
	// tensor([-1.8379, -1.8379, -1.8379])
}

func ExampleMultivariateNormal() {
	d := distributions.NewMultivariateNormal(torch.Zeros([]int{2}),
		distributions.CovarianceMatrix(torch.NewTensor([][]float32{{4, 2}, {2, 5}})))
	fmt.Println(d.ScaleTril())
	fmt.Println(d.Variance())
	// Output:
	// tensor([[2., 0.],
	//         [1., 2.]])
	// tensor([4., 5.])
}

// A parameter that must be positive is learnt as a number without constraint.
func ExampleTransformTo() {
	x := torch.NewTensor([]float32{-1, 0, 1})
	fmt.Println(distributions.TransformTo(constraints.Positive).Forward(x))
	fmt.Println(distributions.TransformTo(constraints.Simplex).Forward(x))
	// Output:
	// tensor([0.3679, 1.0000, 2.7183])
	// tensor([0.0900, 0.2447, 0.6652])
}

func ExampleBernoulli() {
	d := distributions.NewBernoulli(distributions.Probs(0.25))
	err := torch.Try(func() { d.LogProb(torch.NewTensor(float32(0.5))) })
	fmt.Println(d.Mean().Item(), d.Variance().Item())
	fmt.Println(err)
	// Output:
	// 0.25 0.1875
	// distributions.Bernoulli: Expected value argument (Tensor of shape ()) to be within the support (Boolean()) of the distribution Bernoulli(probs: 0.25), but found invalid values:
	// 0.5
}
