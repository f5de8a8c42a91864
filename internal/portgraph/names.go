package portgraph

import (
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/wangkuiyi/gotorch/torch/nn"
)

// reserved are names that values in Forward may not have: those that the source uses.
var reserved = setOf("m", "torch", "nn", "functional", "fft", "linalg", "special", "export", "math", "fmt", "call", "floorDiv", "modulo", "floatModulo", "power", "max", "min", "any", "bool", "int", "float64", "string",
	"map", "nil", "true", "false", "panic", "append", "len", "results", "list")

func setOf(words ...string) map[string]bool {
	set := map[string]bool{}
	for _, w := range words {
		set[w] = true
	}
	return set
}

// words returns the words of one of Python's names: of letters and digits.
func words(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// exported returns a name as an exported one of Go: "running_mean" as RunningMean, and
// "0" as Layer0.
func exported(name string) string {
	var b strings.Builder
	for _, w := range words(name) {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	if s := b.String(); token.IsIdentifier(s) && token.IsExported(s) {
		return s
	}
	return "Layer" + b.String()
}

// local returns a name for a variable: "sym_size_int" as symSizeInt.
func local(name string) string {
	s := exported(name)
	return strings.ToLower(s[:1]) + s[1:]
}

// unique returns a name that is not yet taken, and takes it.
func unique(name string, taken map[string]bool) string {
	free := name
	for i := 2; taken[free] || token.IsKeyword(free); i++ {
		free = name + strconv.Itoa(i)
		if unicode.IsDigit(rune(name[len(name)-1])) {
			free = name + "x" + strconv.Itoa(i)
		}
	}
	taken[free] = true
	return free
}

// methods returns the names of what a module has, which fields may not hide.
func methods() map[string]bool {
	taken := setOf("Module", "Forward", "LoadWeights")
	t := reflect.TypeFor[*nn.Module]()
	for i := range t.NumMethod() {
		taken[t.Method(i).Name] = true
	}
	return taken
}
