package optim

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Muon is for the matrices of hidden layers: it replaces their update by the
// nearest orthogonal matrix, which NSSteps iterations of Newton and Schulz find
// in BFloat16:
//
//	v ← Momentum·v + (1−Momentum)·∇p
//	u ← orthogonal(v)                     (Nesterov: of lerp(∇p, v, Momentum))
//	p ← p − LR·WeightDecay·p − LR·ratio·u
//
// The ratio depends on the matrix's shape, by AdjustLR. Other parameters, such as
// biases and embeddings, need another optimizer.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html
type Muon struct{ Base[MuonOptions] }

// AdjustLR says how [Muon] fits the learning rate to a matrix.
type AdjustLR string

// How Muon fits the learning rate.
const (
	AdjustOriginal          AdjustLR = "original"           // by √max(1, rows/columns)
	AdjustMatchRMSAdamW     AdjustLR = "match_rms_adamw"    // by 0.2·√max(rows, columns): updates as large as AdamW's
	AdjustSpectralUnclamped AdjustLR = "spectral_unclamped" // by √(rows/columns)
)

// MuonOptions are the options of [NewMuon] and of each group.
type MuonOptions struct {
	LR             float64       // the learning rate; default: 0.001
	LRTensor       *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	WeightDecay    *float64      // default: 0.1
	Momentum       *float64      // default: 0.95
	Nesterov       *bool         // default: true
	NSCoefficients *[3]float64   // of the iteration's polynomial; default: 3.4445, -4.775 and 2.0315
	Eps            *float64      // default: 1e-7
	NSSteps        *int          // less than 100; default: 5
	AdjustLR       AdjustLR      // default: AdjustOriginal
}

// MuonGroup is a list of parameters that have options of their own.
type MuonGroup = Group[MuonOptions]

// NewMuon returns an optimizer of params. It panics on options that are out of
// range, and on parameters that are not leaves or not matrices.
func NewMuon(params []*torch.Tensor, options ...MuonOptions) *Muon {
	return NewMuonGroups(MuonGroup{Params: params, Options: option.First(options)})
}

// NewMuonGroups returns an optimizer of several groups of parameters. It panics as
// NewMuon does, and on a parameter of two groups.
func NewMuonGroups(groups ...MuonGroup) *Muon {
	m := &Muon{}
	m.start(rule[MuonOptions]{
		name:    "Muon",
		fields:  (*MuonOptions).fields,
		fill:    (*MuonOptions).fill,
		prepare: (*MuonOptions).prepare,
		check:   muonCheck,
		paths:   func(*MuonOptions) paths { return paths{} },
		dense:   "Muon does not support sparse gradients",
		step:    muonStep,
	}, groups)
	return m
}

func (o *MuonOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "weight_decay": &o.WeightDecay, "momentum": &o.Momentum, "nesterov": &o.Nesterov,
		"ns_coefficients": &o.NSCoefficients, "eps": &o.Eps, "ns_steps": &o.NSSteps,
		"adjust_lr_fn": (*string)(&o.AdjustLR),
	}
}

// fill gives options their defaults that are nil.
func (o *MuonOptions) fill() {
	fill(&o.WeightDecay, 0.1)
	fill(&o.Momentum, 0.95)
	fill(&o.Nesterov, true)
	fill(&o.NSCoefficients, [3]float64{3.4445, -4.775, 2.0315})
	fill(&o.Eps, 1e-7)
	fill(&o.NSSteps, 5)
}

func (o *MuonOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1e-3)
	switch {
	case !(o.LR >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Learning rate should be >= 0 but is: %v", o.LR))
	case !(*o.Momentum >= 0):
		panic(torch.Errorf(op, torch.ValueError, "momentum should be >= 0 but is: %v", *o.Momentum))
	case !(*o.WeightDecay >= 0):
		panic(torch.Errorf(op, torch.ValueError, "weight decay should be >= 0 but is: %v", *o.WeightDecay))
	}
	switch o.AdjustLR {
	case "", AdjustOriginal, AdjustMatchRMSAdamW, AdjustSpectralUnclamped:
	default:
		panic(torch.Errorf(op, torch.ValueError, "Adjust learning rate function %s is not supported", o.AdjustLR))
	}
}

func muonCheck(op string, _, _ int, p *torch.Tensor) {
	if shape := p.Shape(); len(shape) != 2 {
		sizes := make([]string, len(shape))
		for i, n := range shape {
			sizes[i] = strconv.Itoa(n)
		}
		panic(torch.Errorf(op, torch.ValueError,
			"Muon only supports 2D parameters whereas we found a parameter with size: torch.Size([%s])", strings.Join(sizes, ", ")))
	}
}

func muonStep(o *MuonOptions, b *batch) {
	if b.complex {
		panic(torch.Errorf(b.op, torch.RuntimeError, "Muon does not support complex parameters"))
	}
	velocities := b.zeros("momentum_buffer")
	listLerpIn.do(velocities, b.grads, 1-*o.Momentum)
	for i, p := range b.params {
		update := velocities[i]
		if *o.Nesterov {
			update = b.grads[i].Lerp(velocities[i], *o.Momentum)
		}
		update = orthogonal(o, b.op, update)
		p.MulInplace(1 - o.LR**o.WeightDecay)
		p.AddInplace(update, torch.AddOptions{Alpha: -o.adjusted(p)})
	}
}

// adjusted returns the learning rate for a matrix of p's shape.
func (o *MuonOptions) adjusted(p *torch.Tensor) float64 {
	rows, columns := float64(p.Size(0)), float64(p.Size(1))
	switch o.AdjustLR {
	case AdjustMatchRMSAdamW:
		return o.LR * (0.2 * math.Sqrt(max(rows, columns)))
	case AdjustSpectralUnclamped:
		return o.LR * math.Sqrt(rows/columns)
	}
	return o.LR * math.Sqrt(max(1, rows/columns))
}

// orthogonal returns about the orthogonal matrix that is nearest to x, in
// BFloat16.
func orthogonal(o *MuonOptions, op string, x *torch.Tensor) *torch.Tensor {
	if *o.NSSteps >= 100 {
		panic(torch.Errorf(op, torch.ValueError, "Number of steps must be less than 100 for computational efficiency"))
	}
	a, b, c := o.NSCoefficients[0], o.NSCoefficients[1], o.NSCoefficients[2]
	tall := x.Size(0) > x.Size(1)
	y := x.To(torch.BFloat16)
	if x.DType() == torch.BFloat16 {
		y = x.Clone()
	}
	if tall {
		y = y.T()
	}
	y.DivInplace(y.Norm(2).ClampMinInplace(*o.Eps))
	for range *o.NSSteps {
		gram := y.Matmul(y.T())
		update := gram.Addmm(gram, gram, torch.AddmmOptions{Beta: b, Alpha: c})
		y = y.Addmm(update, y, torch.AddmmOptions{Beta: a})
	}
	if tall {
		y = y.T()
	}
	return y
}
