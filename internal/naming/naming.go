// Package naming turns Go's names into Python's.
package naming

import (
	"strings"
	"unicode"
)

// SnakeCase turns the name of a Go field into Python's: FC1 into fc1, InProjWeight
// into in_proj_weight, LayerNorm2 into layer_norm2.
func SnakeCase(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			afterLower := !unicode.IsUpper(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || beforeLower {
				out.WriteByte('_')
			}
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
