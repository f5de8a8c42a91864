package testing

import (
	"strings"

	"github.com/wangkuiyi/gotorch/internal/python"
)

// mismatch says how values differ.
type mismatch struct {
	identifier         string // what they are, such as "Tensor-likes"
	extra              string // a sentence about them
	absolute, relative string // the greatest differences, and where they are, if not scalars
	absoluteAt         string
	relativeAt         string
	rtol, atol         float64
}

// String returns PyTorch's words.
func (m mismatch) String() string {
	how := "close"
	if m.isEquality() {
		how = "equal"
	}
	return m.identifier + " are not " + how + "!\n\n" + m.extra + "\n" +
		m.line("absolute", m.absolute, m.absoluteAt, m.atol) + "\n" + m.line("relative", m.relative, m.relativeAt, m.rtol)
}

func (m mismatch) isEquality() bool { return m.rtol == 0 && m.atol == 0 }

func (m mismatch) line(kind, size, at string, tolerance float64) string {
	text := strings.ToUpper(kind[:1]) + kind[1:] + " difference: " + size
	if at != "" {
		text = "Greatest " + kind + " difference: " + size + " at index " + at
	}
	if !m.isEquality() {
		text += " (up to " + python.Repr(tolerance) + " allowed)"
	}
	return text
}
