package port

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/internal/naming"
)

//go:embed names.txt
var nameTable string

// entry is what a Python function, method or class is in Go.
type entry struct {
	python, goName string // torch.nn.Conv2d, nn.NewConv2d; a method's begins with "x."
	parameters     []parameter
}

// parameter is one of Python's.
type parameter struct {
	name         string
	defaultValue string // as Python writes it
	optional     bool
	node         *node // of the default, in the files
	list         bool  // Python takes its elements as arguments, too
}

var loadNames = sync.OnceValue(func() map[string]entry {
	table := map[string]entry{}
	for line := range strings.Lines(nameTable) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] == "#" {
			continue
		}
		e := entry{python: words[0], goName: words[1]}
		for _, word := range words[2:] {
			p := parameter{}
			word, p.list = strings.CutPrefix(word, "*")
			p.name, p.defaultValue, p.optional = strings.Cut(word, "=")
			e.parameters = append(e.parameters, p)
		}
		table[e.python] = e
	}
	return table
})

// plain is a name without what Python and Go write differently.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// initialisms are the parts of names that Go writes in capitals.
var initialisms = map[string]bool{
	"ae": true, "api": true, "bn": true, "cnn": true, "cpu": true, "fc": true, "ffn": true, "gan": true, "gelu": true, "gpt": true, "gpu": true, "gru": true,
	"id": true, "ids": true, "kv": true, "lm": true, "ln": true, "lr": true, "lstm": true, "mha": true, "mlp": true, "nll": true, "qkv": true,
	"relu": true, "rnn": true, "se": true, "url": true, "vae": true, "vgg": true,
}

// exportedName turns Python's name into one that other packages see: fc1 into FC1,
// in_proj into InProj.
func exportedName(name string) string {
	name = pythonName(name)
	var out strings.Builder
	for _, part := range strings.Split(name, "_") {
		if part == "" {
			continue
		}
		if initialisms[strings.ToLower(strings.TrimRight(part, "0123456789"))] {
			out.WriteString(strings.ToUpper(part))
		} else {
			out.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	text := out.String()
	if text == "" || text[0] >= '0' && text[0] <= '9' {
		return "X" + text
	}
	return text
}

// localName turns Python's name into one of a variable: batch_size into batchSize.
func localName(name string) string {
	name = pythonName(name)
	trimmed := strings.Trim(name, "_")
	if trimmed == "" {
		return "unused"
	}
	if strings.ToUpper(trimmed) == trimmed {
		trimmed = strings.ToLower(trimmed)
	}
	parts := strings.Split(trimmed, "_")
	if len(parts) == 1 {
		return lowerFirst(parts[0])
	}
	return lowerFirst(parts[0]) + strings.TrimPrefix(exportedName("a_"+strings.Join(parts[1:], "_")), "A")
}

// lowerFirst makes the capitals that a name begins with small, but for the one that
// begins its next word.
func lowerFirst(name string) string {
	i := 0
	for i < len(name) && name[i] >= 'A' && name[i] <= 'Z' {
		i++
	}
	if i > 1 && i < len(name) && name[i] >= 'a' && name[i] <= 'z' {
		i--
	}
	return strings.ToLower(name[:i]) + name[i:]
}

// fieldTag returns the tag that tells nn.Init Python's name of a field, if it needs
// one.
func fieldTag(python, field string) string {
	if naming.SnakeCase(field) == python {
		return ""
	}
	return python
}
