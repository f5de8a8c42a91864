package optim

import "github.com/wangkuiyi/gotorch/torch"

// search looks along a direction for a step that satisfies the strong Wolfe
// conditions.
type search struct {
	precision
	evaluate        func(t scalar) (loss float64, grad *torch.Tensor)
	direction       *torch.Tensor
	toleranceChange float64
	most            int // evaluations
}

// point is a place on the line: the step, the loss and the gradient there, and the
// gradient's component along the line.
type point struct {
	t     scalar
	loss  float64
	grad  *torch.Tensor
	slope scalar
}

// The constants of the Wolfe conditions.
const (
	sufficientDecrease = 1e-4
	curvature          = 0.9
)

func (s *search) at(t scalar) point {
	loss, grad := s.evaluate(t)
	return point{t, loss, grad, element(grad.Dot(s.direction))}
}

// wolfe returns a good step from start, first trying t, and how many evaluations
// it took.
func (s *search) wolfe(start point, t scalar) (found point, evaluations int) {
	now, before := s.at(t), start
	evaluations = 1
	iterations := 0
	var low, high point
	bracketed := false
	for ; iterations < s.most; iterations++ {
		if s.tooHigh(now, start) || iterations > 1 && now.loss >= before.loss {
			low, high, bracketed = before, now, true
			break
		}
		if s.flat(now, start) {
			return now, evaluations
		}
		if now.slope.v >= 0 {
			low, high, bracketed = before, now, true
			break
		}
		least := s.add(now.t, s.mul(plain(0.01), s.sub(now.t, before.t)))
		t = s.cubic(before, now, least, s.mul(now.t, plain(10)))
		before = now
		now = s.at(t)
		evaluations++
	}
	if !bracketed {
		low, high = start, now
		low.t = plain(0)
	}
	return s.zoom(start, low, high, iterations, evaluations)
}

// tooHigh reports whether the loss has not decreased enough for the step.
func (s *search) tooHigh(p, start point) bool {
	bound := s.add(plain(start.loss), s.mul(s.mul(plain(sufficientDecrease), p.t), start.slope))
	return s.less(bound, plain(p.loss))
}

// flat reports whether the slope has become small.
func (s *search) flat(p, start point) bool {
	return s.lessEqual(p.slope.abs(), s.mul(plain(-curvature), start.slope))
}

// zoom narrows a bracket of two points until one of them will do.
func (s *search) zoom(start, first, second point, iterations, evaluations int) (point, int) {
	bracket := [2]point{first, second}
	low, high := 0, 1
	order := func() {
		if bracket[0].loss <= bracket[1].loss {
			low, high = 0, 1
		} else {
			low, high = 1, 0
		}
	}
	order()
	width := element(s.direction.Abs().Max())
	stalled := false
	for iterations < s.most {
		if s.less(s.mul(s.sub(bracket[1].t, bracket[0].t).abs(), width), plain(s.toleranceChange)) {
			break
		}
		least, greatest := s.least(bracket[0].t, bracket[1].t), s.greatest(bracket[0].t, bracket[1].t)
		from, to := s.ends(bracket[0].t, bracket[1].t)
		var t scalar
		t, stalled = s.inside(s.cubic(bracket[0], bracket[1], from, to), least, greatest, stalled)
		now := s.at(t)
		evaluations++
		iterations++
		if s.tooHigh(now, start) || now.loss >= bracket[low].loss {
			bracket[high] = now
			order()
			continue
		}
		done := s.flat(now, start)
		if !done && s.mul(now.slope, s.sub(bracket[high].t, bracket[low].t)).v >= 0 {
			bracket[high] = bracket[low]
		}
		bracket[low] = now
		if done {
			break
		}
	}
	return bracket[low], evaluations
}

// inside returns t, but away from the ends of the bracket if it comes close to
// them twice.
func (s *search) inside(t, least, greatest scalar, stalled bool) (scalar, bool) {
	margin := s.mul(plain(0.1), s.sub(greatest, least))
	if !s.less(s.least(s.sub(greatest, t), s.sub(t, least)), margin) {
		return t, false
	}
	if !stalled && s.less(t, greatest) && s.less(least, t) {
		return t, true
	}
	if s.less(s.sub(t, greatest).abs(), s.sub(t, least).abs()) {
		return s.sub(greatest, margin), false
	}
	return s.add(least, margin), false
}

// ends returns two steps in order.
func (s *search) ends(a, b scalar) (scalar, scalar) {
	if s.less(b, a) {
		return b, a
	}
	return a, b
}

// cubic returns the minimum, between two bounds, of the cubic polynomial through
// two points with their slopes.
func (s *search) cubic(a, b point, least, greatest scalar) scalar {
	chord := s.div(plain(3*(a.loss-b.loss)), s.sub(a.t, b.t))
	d1 := s.sub(s.add(a.slope, b.slope), chord)
	square := s.sub(s.mul(d1, d1), s.mul(a.slope, b.slope))
	if !(square.v >= 0) {
		return s.div(s.add(least, greatest), plain(2))
	}
	d2 := s.sqrt(square)
	if s.less(b.t, a.t) {
		a, b = b, a
	}
	part := s.div(s.sub(s.add(b.slope, d2), d1), s.add(s.sub(b.slope, a.slope), s.mul(plain(2), d2)))
	t := s.sub(b.t, s.mul(s.sub(b.t, a.t), part))
	return s.least(s.greatest(t, least), greatest)
}
