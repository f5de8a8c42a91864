package transforms

import (
	"fmt"
	"image"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// Transform makes an image from an image.
type Transform interface {
	Forward(x *torch.Tensor) *torch.Tensor
}

// field is an option of a transform with its name in Python.
type field struct {
	name  string
	value any
}

// repr returns a transform as Python prints it.
func repr(name string, fields ...field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = f.name + "=" + python.Repr(f.value)
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

// ints returns the numbers of a size.
func ints(op string, size torch.Sizes) []int { return sizes.Of("transforms."+op, size, 1) }

// pair returns a height and a width; one number stands for both.
func pair(op string, size torch.Sizes) []int {
	list := ints(op, size)
	if len(list) == 1 {
		list = []int{list[0], list[0]}
	}
	if len(list) != 2 {
		panic(torch.Errorf("transforms."+op, torch.ValueError, "Please provide only two dimensions (h, w) for size."))
	}
	return list
}

// chance draws whether something of a probability happens.
func chance(p float64) bool { return torch.Rand([]int{1}).Lt(p).Bool() }

// uniform draws a number between two.
func uniform(from, to float64) float64 {
	return torch.Empty([]int{1}).UniformInplace(from, to, nil).Item()
}

// below draws a whole number from 0 to n, n excluded.
func below(n int) int { return between(0, n) }

// between draws a whole number from low to high, high excluded.
func between(low, high int) int { return torch.Randint(low, high, []int{1}).Int() }

// noneNil returns transforms, and panics if one is nil.
func noneNil(op string, transforms []Transform) []Transform {
	for i, t := range transforms {
		argument.NotNil("transforms."+op, fmt.Sprintf("transform %d", i), t)
	}
	return transforms
}

// Compose is several transforms one after the other.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Compose.html
type Compose struct{ Transforms []Transform }

// NewCompose returns a transform that does all of the given ones, in order.
func NewCompose(transforms ...Transform) *Compose { return &Compose{noneNil("NewCompose", transforms)} }

// Forward returns what the last transform makes.
func (c *Compose) Forward(x *torch.Tensor) *torch.Tensor {
	for _, t := range c.Transforms {
		x = t.Forward(x)
	}
	return x
}

// Image is [Compose.Forward] for an image: that of its Uint8 tensor, which
// functional.FromImage describes.
func (c *Compose) Image(img image.Image) *torch.Tensor { return c.Forward(functional.FromImage(img)) }

// String returns the transforms as Python prints them.
func (c *Compose) String() string { return listed("Compose", c.Transforms) }

// listed returns a transform made of others as Python prints it.
func listed(name string, transforms []Transform, more ...string) string {
	lines := []string{name + "("}
	for _, m := range more {
		lines = append(lines, "    "+m)
	}
	for _, t := range transforms {
		lines = append(lines, fmt.Sprintf("    %v", t))
	}
	return strings.Join(append(lines, ")"), "\n")
}

// Lambda is a function as a transform.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Lambda.html
type Lambda struct {
	Function func(x *torch.Tensor) *torch.Tensor
}

// NewLambda returns a transform that calls f.
func NewLambda(f func(x *torch.Tensor) *torch.Tensor) *Lambda {
	argument.NotNil("transforms.NewLambda", "the function", f)
	return &Lambda{f}
}

// Forward returns what the function does.
func (l *Lambda) Forward(x *torch.Tensor) *torch.Tensor { return l.Function(x) }

// String returns the transform as Python prints it.
func (*Lambda) String() string { return repr("Lambda") }

// RandomApply does several transforms, or none.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomApply.html
type RandomApply struct {
	Transforms []Transform
	P          float64
}

// RandomOptions are the options of transforms that happen by chance.
type RandomOptions struct {
	P *float64 // the probability; default: 0.5, and 0.1 for RandomGrayscale
}

// probability returns the probability, or its default.
func probability(options []RandomOptions, standard float64) float64 {
	if p := option.First(options).P; p != nil {
		return *p
	}
	return standard
}

// NewRandomApply returns a transform that does all of the given ones by chance.
func NewRandomApply(transforms []Transform, options ...RandomOptions) *RandomApply {
	return &RandomApply{noneNil("NewRandomApply", transforms), probability(options, 0.5)}
}

// Forward returns x transformed, or x itself.
func (r *RandomApply) Forward(x *torch.Tensor) *torch.Tensor {
	if torch.Rand([]int{1}).Gt(r.P).Bool() {
		return x
	}
	return NewCompose(r.Transforms...).Forward(x)
}

// String returns the transform as Python prints it.
func (r *RandomApply) String() string {
	return listed("RandomApply", r.Transforms, "p="+python.Repr(r.P))
}

// RandomChoice does one of several transforms.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomChoice.html
type RandomChoice struct {
	Transforms []Transform
	P          []float64
}

// RandomChoiceOptions are the options of [NewRandomChoice].
type RandomChoiceOptions struct {
	P []float64 // the transforms' probabilities, or numbers in their ratio; default: all alike
}

// NewRandomChoice returns a transform that does one of the given ones. It panics
// unless there are as many probabilities as transforms.
func NewRandomChoice(transforms []Transform, options ...RandomChoiceOptions) *RandomChoice {
	p := option.First(options).P
	if p == nil {
		p = make([]float64, len(transforms))
		for i := range p {
			p[i] = 1
		}
	}
	if len(p) != len(transforms) {
		panic(torch.Errorf("transforms.NewRandomChoice", torch.ValueError,
			"Length of p doesn't match the number of transforms: %d != %d", len(p), len(transforms)))
	}
	noneNil("NewRandomChoice", transforms)
	total := 0.0
	for _, v := range p {
		total += v
	}
	r := &RandomChoice{transforms, make([]float64, len(p))}
	for i, v := range p {
		r.P[i] = v / total
	}
	return r
}

// Forward returns what the chosen transform does.
func (r *RandomChoice) Forward(x *torch.Tensor) *torch.Tensor {
	p := torch.FromSlice(r.P).To(torch.Float32)
	return r.Transforms[torch.Multinomial(p, 1).Int()].Forward(x)
}

// String returns the transform as Python prints it.
func (r *RandomChoice) String() string {
	return repr("RandomChoice", field{"transforms", list(r.Transforms)}, field{"p", r.P})
}

// list returns transforms in one line.
func list(transforms []Transform) string {
	parts := make([]string, len(transforms))
	for i, t := range transforms {
		parts[i] = fmt.Sprint(t)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// RandomOrder does several transforms in any order.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomOrder.html
type RandomOrder struct{ Transforms []Transform }

// NewRandomOrder returns a transform that does all of the given ones.
func NewRandomOrder(transforms ...Transform) *RandomOrder {
	return &RandomOrder{noneNil("NewRandomOrder", transforms)}
}

// Forward returns what the last transform makes.
func (r *RandomOrder) Forward(x *torch.Tensor) *torch.Tensor {
	for _, i := range torch.ToSlice[int64](torch.Randperm(len(r.Transforms))) {
		x = r.Transforms[i].Forward(x)
	}
	return x
}

// String returns the transforms as Python prints them.
func (r *RandomOrder) String() string {
	return repr("RandomOrder", field{"transforms", list(r.Transforms)})
}
