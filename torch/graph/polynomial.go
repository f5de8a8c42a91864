package graph

import (
	"fmt"
	"strconv"
	"strings"
)

// polynomial is a sum of products of sizes: of each set of symbols, by the bits of its
// number, the factor.
type polynomial []int

// constant reports whether it depends on no symbol.
func (p polynomial) constant() bool {
	for _, c := range p[1:] {
		if c != 0 {
			return false
		}
	}
	return true
}

// term returns a product as text, such as "2*s0*s1".
func (p polynomial) term(set int) string {
	var factors []string
	if p[set] != 1 || set == 0 {
		factors = append(factors, strconv.Itoa(p[set]))
	}
	for i := range mostNames {
		if set>>i&1 == 1 {
			factors = append(factors, fmt.Sprint("s", i))
		}
	}
	return strings.Join(factors, "*")
}

// String returns it as Python writes it.
func (p polynomial) String() string {
	var terms []string
	for set := len(p) - 1; set >= 0; set-- {
		if p[set] != 0 {
			terms = append(terms, p.term(set))
		}
	}
	if len(terms) == 0 {
		return "0"
	}
	return strings.Join(terms, " + ")
}

// fit finds the polynomial that has the numbers at the space's points.
func (s *space) fit(numbers []int) (polynomial, error) {
	n := len(s.names)
	p := make(polynomial, 1<<n)
	// What each set of sizes adds to what its parts give, in the grid.
	gains := append([]int(nil), numbers[:1<<n]...)
	for i := range n {
		for set := range gains {
			if set>>i&1 == 1 {
				gains[set] -= gains[set^1<<i]
			}
		}
	}
	// The product of (size - example) / step over a set, multiplied out.
	for set, gain := range gains {
		for sub := set; ; sub = (sub - 1) & set {
			factor, divisor := gain, 1
			for i := range n {
				if set>>i&1 == 1 {
					divisor *= step
					if sub>>i&1 == 0 {
						factor *= -s.sizes[i]
					}
				}
			}
			if factor%divisor != 0 {
				return nil, s.odd(numbers)
			}
			p[sub] += factor / divisor
			if sub == 0 {
				break
			}
		}
	}
	for i, point := range s.points() {
		if p.at(s.sizes, point) != numbers[i] {
			return nil, s.odd(numbers)
		}
	}
	return p, nil
}

// at returns its value where sizes differ so much from the example's.
func (p polynomial) at(sizes, point []int) (sum int) {
	for set, factor := range p {
		for i := range sizes {
			if set>>i&1 == 1 {
				factor *= sizes[i] + point[i]
			}
		}
		sum += factor
	}
	return sum
}

func (s *space) odd(numbers []int) error {
	return fmt.Errorf("it is %d for the sizes %v of %v, %d for others, and no sum of products of them", numbers[0], s.sizes, s.names, numbers[1])
}

// build returns what computes a polynomial that is n in the example: n itself, if it is
// constant, or a value.
func (s *space) build(p polynomial, n int) any {
	if p.constant() {
		return n
	}
	var sum any
	text := ""
	for set := len(p) - 1; set >= 0; set-- {
		if p[set] == 0 {
			continue
		}
		product, at := s.product(p, set)
		if sum == nil {
			sum, text, n = product, p.term(set), at
			continue
		}
		text += " + " + p.term(set)
		n += at
		sum = s.compute(text, n, "add", "_operator.add", sum, product)
	}
	return sum
}

// product returns what computes one of its products, and what that is in the example.
func (s *space) product(p polynomial, set int) (value any, n int) {
	text := ""
	n = 1
	if p[set] != 1 || set == 0 {
		value, n, text = p[set], p[set], strconv.Itoa(p[set])
	}
	for i := range s.names {
		if set>>i&1 == 0 {
			continue
		}
		n *= s.sizes[i]
		if value == nil {
			value, text = s.known[s.symbol(i)], s.symbol(i)
			continue
		}
		text += "*" + s.symbol(i)
		value = s.compute(text, n, "mul", "_operator.mul", value, s.known[s.symbol(i)])
	}
	return value, n
}
