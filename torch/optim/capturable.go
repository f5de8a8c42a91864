package optim

import "github.com/wangkuiyi/gotorch/torch"

// counters are the numbers of a capturable step: tensors without dimensions on the
// device of the parameters. Those parameters share them that took all their steps
// together.
type counters struct {
	tensors [3]*torch.Tensor
	users   int
}

// capturing reports whether operators are being recorded, to run again later
// without Go.
var capturing = internals.Capturing

// refuseCapture panics if a step of the group would not be the same one when
// its operators run again.
func (b *Base[O]) refuseCapture(g *Group[O], capturable bool) {
	if !capturing() {
		g.fixed, g.captured = false, false
		return
	}
	if !capturable {
		panic(torch.Errorf("optim."+b.rule.name, torch.RuntimeError,
			"a step of %s cannot be captured: it depends on numbers that change from step to step; "+
				"%s", b.rule.name, map[bool]string{
				true: "set its option Capturable", false: "use an optimizer that has the option Capturable, such as AdamW",
			}[b.rule.capturable != nil]))
	}
	g.fixed, g.captured = *g.rate.tensor == nil, true
}

// refuseBeginning panics in a capture, as what a step begins to remember would
// begin anew each time.
func (b *batch) refuseBeginning() {
	if capturing() {
		panic(torch.Errorf(b.op, torch.RuntimeError,
			"the first step of a parameter cannot be captured: take one before, which makes what is remembered of it"))
	}
}

// count begins the next step of a batch.
func (b *batch) count(numbers []number) {
	if len(numbers) == 0 {
		return
	}
	if !b.capturable {
		b.numbers[0]++
		return
	}
	switch from := b.counters; {
	case from == nil:
		b.refuseBeginning()
		b.counters = &counters{users: len(b.states)}
		for i := range numbers {
			b.counters.tensors[i] = b.full(b.numbers[i])
		}
	case from.users > len(b.states): // others take no step
		b.refuseBeginning()
		b.counters = &counters{users: len(b.states)}
		for i := range numbers {
			b.counters.tensors[i] = from.tensors[i].Clone()
		}
	}
	b.counters.tensors[0].AddInplace(1)
}

// keep remembers what a step counted for the i-th parameter.
func (b *batch) keep(i int) {
	s := b.states[i]
	s.numbers = b.numbers
	if b.counters == nil || s.counters == b.counters {
		return
	}
	if s.counters != nil {
		s.counters.users--
	}
	s.counters = b.counters
	for _, x := range b.counters.tensors {
		if x != nil {
			x.Keep()
		}
	}
}

// settle turns counters into numbers, for steps that are not capturable.
func (s *state) settle() {
	if s.counters == nil {
		return
	}
	for i, x := range s.counters.tensors {
		if x != nil {
			s.numbers[i] = x.Item()
		}
	}
	s.counters.users--
	s.counters = nil
}

// step returns how many steps the parameters have taken, this one included.
func (b *batch) step() *torch.Tensor { return b.counters.tensors[0] }

// each returns x for each of the parameters.
func (b *batch) each(x *torch.Tensor) []*torch.Tensor { return repeated(x, len(b.params)) }
