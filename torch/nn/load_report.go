package nn

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// LoadReport says what [LoadInto] found not to fit.
type LoadReport struct {
	IncompatibleKeys            // Missing, Unexpected
	Mismatched       []Mismatch // both have it, but differ
	NearMisses       []NearMiss // missing names that an unexpected one may be meant for
	LeftOnMeta       []string   // tensors that no source fills, since they are not in state dicts, and that are on Meta
}

// Mismatch is a name whose tensors differ in shape, or in dtype such that the values would
// lose a part: complex numbers to real ones, floats to integers.
type Mismatch struct {
	Name               string
	Shape, SourceShape []int
	DType, SourceDType torch.DType
}

// mismatch returns what differs between the module's x and source.
func mismatch(name string, x, source *torch.Tensor) Mismatch {
	return Mismatch{name, x.Shape(), source.Shape(), x.DType(), source.DType()}
}

// NearMiss is a missing name and an unexpected one, after Rename, that is much like it and
// whose tensor has the right shape.
type NearMiss struct{ Missing, Unexpected string }

// Fits reports whether there is nothing to report.
func (r LoadReport) Fits() bool {
	return len(r.Missing)+len(r.Unexpected)+len(r.Mismatched)+len(r.LeftOnMeta) == 0
}

// String says it in a line for each name, but not for hundreds of a kind; "" if all fits.
func (r LoadReport) String() string {
	near := map[string]string{}
	for _, n := range r.NearMisses {
		near[n.Missing] = n.Unexpected
	}
	var lines []string
	section := func(title string, n int, line func(i int) string) {
		const most = 100
		if n > 0 {
			lines = append(lines, fmt.Sprintf("%s (%d):", title, n))
		}
		for i := range min(n, most) {
			lines = append(lines, "\t"+line(i))
		}
		if n > most {
			lines = append(lines, fmt.Sprintf("\tand %d more", n-most))
		}
	}
	if rename := r.rename(); rename != "" {
		lines = append(lines, rename)
	}
	section("the module has, the source lacks", len(r.Missing), func(i int) string {
		if other, ok := near[r.Missing[i]]; ok {
			return fmt.Sprintf("%s; did you mean %s?", brief.Text(r.Missing[i]), brief.Text(other))
		}
		return brief.Text(r.Missing[i])
	})
	section("the source has, the module lacks", len(r.Unexpected), func(i int) string { return brief.Text(r.Unexpected[i]) })
	section("both have, but differ", len(r.Mismatched), func(i int) string {
		m := r.Mismatched[i]
		return fmt.Sprintf("%s: %v %v in the module, %v %v in the source", brief.Text(m.Name), m.DType, m.Shape, m.SourceDType, m.SourceShape)
	})
	section("on the device meta, and no state dict has it: make it on another device before", len(r.LeftOnMeta), func(i int) string { return r.LeftOnMeta[i] })
	return strings.Join(lines, "\n")
}

// rename says how most names would fit, if one prefix is all that is between them.
func (r LoadReport) rename() string {
	longer, shorter := map[string]int{}, map[string]int{}
	for _, n := range r.NearMisses {
		if prefix, ok := strings.CutSuffix(n.Unexpected, n.Missing); ok {
			longer[prefix]++
		} else if prefix, ok := strings.CutSuffix(n.Missing, n.Unexpected); ok {
			shorter[prefix]++
		}
	}
	for prefix, n := range longer {
		if n > 1 && 2*n > len(r.Missing) {
			return fmt.Sprintf("%d names fit with Rename: func(name string) string { return strings.TrimPrefix(name, %q) }", n, brief.Text(prefix))
		}
	}
	for prefix, n := range shorter {
		if n > 1 && 2*n > len(r.Missing) {
			return fmt.Sprintf("%d names fit with Rename: func(name string) string { return %q + name }", n, brief.Text(prefix))
		}
	}
	return ""
}
