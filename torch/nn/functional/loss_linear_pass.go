package functional

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// pass goes over the batch chunk by chunk, and gives the loss and gradients. As in
// PyTorch, gradients come from softmax times the factors of rows. Probabilities are
// subtracted from it, while what labels take off is subtracted from each gradient.
type pass struct {
	chunking
	input, target     *torch.Tensor // target has nothing but classes
	weight, bias      *torch.Tensor // of the linear layer, in the dtype of scores
	classWeight, rows *torch.Tensor // factors of classes, or nil, and of rows with labels, negative for gradients
	upstream          *torch.Tensor // the gradient of each row's loss; nil for that of a mean or a sum
	scale             float64       // of probabilities

	loss  *torch.Tensor
	grads [3]*torch.Tensor // of input, weight and bias, nil where none is asked for
}

// newPass returns the pass over the inputs of an autograd function: input, weight,
// bias, target and the weights of classes.
func newPass(c chunking, in []*torch.Tensor, needs [3]bool, upstream *torch.Tensor) *pass {
	p := &pass{
		chunking: c, input: in[0], weight: in[1].To(c.scores), bias: in[2], target: in[3], classWeight: in[4],
		upstream: upstream, scale: 1,
	}
	if p.bias != nil {
		p.bias = p.bias.To(c.scores)
	}
	batch := p.input.Size(0)
	switch {
	case p.target.DType() == torch.Int64:
		p.setRows()
	case c.how == ReductionMean:
		p.scale = 1 / float64(batch)
	}
	zeros := func(shape []int, dtype torch.DType) *torch.Tensor {
		return p.input.NewZeros(shape, torch.TensorOptions{DType: dtype})
	}
	if c.how == ReductionNone {
		p.loss = zeros([]int{batch}, c.dtype)
	} else {
		dtype := c.dtype
		if dtype == torch.Float16 {
			dtype = c.acc // where a sum might be too large
		}
		if p.loss = zeros(nil, dtype); batch == 0 && c.how == ReductionMean {
			p.loss.FillInplace(math.NaN())
		}
	}
	for i, needed := range needs {
		if needed {
			p.grads[i] = zeros(in[i].Shape(), c.dtype)
		}
	}
	return p
}

// setRows sets the factors of rows with labels.
func (p *pass) setRows() {
	ignored := p.target.Eq(p.ignore)
	if p.ignore < 0 || p.ignore >= p.weight.Size(0) {
		p.target = p.target.MaskedFill(ignored, 0) // rather than what is no class
	}
	if p.classWeight == nil {
		p.rows = ignored.LogicalNot().To(p.acc)
	} else {
		p.rows = p.classWeight.To(p.acc).IndexSelect(0, p.target).MaskedFill(ignored, 0)
	}
	if p.how == ReductionMean {
		total := p.rows.Sum()
		p.rows = p.rows.Div(total.MaskedFill(total.Eq(0), math.NaN()))
	}
	if p.upstream != nil {
		p.rows = p.rows.Mul(p.upstream.To(p.acc))
	}
	if !p.forwardOnly() {
		p.rows = p.rows.Neg() // so that gradients round as PyTorch's do
	}
}

// forwardOnly reports whether the pass gives the losses of rows.
func (p *pass) forwardOnly() bool { return p.how == ReductionNone && p.upstream == nil }

// run goes over all chunks, in the dtypes of the pass even within autocast.
func (p *pass) run() *pass {
	batch := p.input.Size(0)
	all := func() {
		for from := 0; from < batch; from += p.size {
			torch.Scope(func() { p.chunk(from, min(p.size, batch-from)) })
		}
	}
	if device := p.input.Device(); torch.IsAutocastEnabled(device) {
		torch.Autocast(device, all, torch.AutocastOptions{Enabled: new(false)})
	} else {
		all()
	}
	return p
}

func (p *pass) chunk(from, n int) {
	input, t := p.input.Narrow(0, from, n), p.targets(from, n)
	scores := input.To(p.scores).Mm(p.weight.T())
	if p.bias != nil {
		scores.AddInplace(p.bias)
	}
	scores.SubInplace(scores.Amax([]int{1}, torch.AmaxOptions{Keepdim: true}))
	switch {
	case p.upstream != nil:
		p.softmax(scores, p.sumExp(scores), t)
	case p.how == ReductionNone:
		picked := t.pick(scores) // before scores become their exponents
		p.loss.Narrow(0, from, n).CopyInplace(t.losses(p.sumExp(scores).LogInplace(), picked))
		return
	default:
		p.loss.SubInplace(t.dot(scores), torch.SubOptions{Alpha: t.sign * t.scale})
		total := p.sumExp(scores)
		if p.grads != [3]*torch.Tensor{} {
			p.softmax(scores, total, t)
		}
		p.loss.AddInplace(t.mass.To(total.DType()).Dot(total.LogInplace()), torch.AddOptions{Alpha: t.sign})
	}
	p.addBias(scores, t)
	p.setInput(scores, t, from, n)
	p.addWeight(scores, t, input)
}

// sumExp makes scores their exponents and returns the sums of rows.
func (p *pass) sumExp(scores *torch.Tensor) *torch.Tensor {
	dtype := p.acc
	if p.dtype == torch.Float16 {
		dtype = torch.Float32 // the sum of many ones is too large for Float16
	}
	return scores.ExpInplace().SumWith(torch.ReduceOptions{Dim: []int{1}, DType: dtype})
}

// softmax makes exponents with their sums softmax times the factors of rows, less
// the probabilities.
func (p *pass) softmax(exponents, sums *torch.Tensor, t chunkTargets) {
	exponents.MulInplace(t.mass.Div(sums).To(p.scores).Unsqueeze(1))
	if t.labels == nil {
		exponents.SubInplace(t.shares, torch.SubOptions{Alpha: t.scale})
	}
}

func (p *pass) addBias(scores *torch.Tensor, t chunkTargets) {
	grad := p.grads[2]
	if grad == nil {
		return
	}
	part := grad
	if p.acc != p.dtype {
		part = torch.ZerosLike(grad, torch.TensorOptions{DType: p.acc})
	}
	part.AddInplace(scores.SumWith(torch.ReduceOptions{Dim: []int{0}, DType: p.acc}), torch.AddOptions{Alpha: t.sign})
	if t.labels != nil {
		part.IndexAddInplace(0, t.labels, t.mass)
	}
	if part != grad {
		grad.AddInplace(part.To(p.dtype))
	}
}

func (p *pass) setInput(scores *torch.Tensor, t chunkTargets, from, n int) {
	if p.grads[0] == nil {
		return
	}
	var grad *torch.Tensor
	if t.labels == nil {
		grad = scores.Mm(p.weight)
	} else {
		own := p.weight.IndexSelect(0, t.labels).Mul(t.mass.To(p.scores).Unsqueeze(1))
		grad = own.AddmmInplace(scores, p.weight, torch.AddmmOptions{Alpha: t.sign})
	}
	p.grads[0].Narrow(0, from, n).CopyInplace(grad)
}

func (p *pass) addWeight(scores *torch.Tensor, t chunkTargets, input *torch.Tensor) {
	grad := p.grads[1]
	if grad == nil {
		return
	}
	part, rows, alpha := grad, input, t.sign
	if p.scores != p.dtype || !p.compact {
		part, rows, alpha = torch.ZerosLike(grad, torch.TensorOptions{DType: p.acc}), input.To(p.acc), 1
	}
	part.AddmmInplace(scores.T(), rows, torch.AddmmOptions{Alpha: alpha})
	if t.labels != nil {
		own := input.To(p.acc).Mul(t.mass.Unsqueeze(1)).To(part.DType())
		part.IndexAddInplace(0, t.labels, own, torch.IndexAddOptions{Alpha: -alpha})
	}
	if part != grad {
		grad.AddInplace(part, torch.AddOptions{Alpha: t.sign})
	}
}
