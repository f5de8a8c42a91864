package main

import "strings"

// A quantity is what a row compares.
type quantity int

const (
	runTime quantity = iota // what the program measured
	wall                    // the whole process, from its start to its end
	peak                    // the most memory that was resident
)

// A row is a line of the table.
type row struct {
	label    string
	of       quantity
	goName   string  // the benchmark in Go
	cpp      string  // in C++; "" for none
	python   string  // in Python; "" for none
	atMost   float64 // target: Go at most this times C++; 0 for none
	atMostPy float64 // target: Go at most this times Python; 0 for none
}

// rows is the table. Rows with the same name in a language share its runs.
var rows = []row{
	{"add 4x4, `Close`", runTime, "add-close", "add", "add", 1.6, 0.85},
	{"add 4x4, `torch.Scope`", runTime, "add-scope", "add", "add", 1.35, 0.85},
	{"add 4x4, left to the GC", runTime, "add-gc", "add", "add", 0, 1},
	{"linear 16→16 on 1x16, no grad", runTime, "linear", "linear", "linear", 0, 0},
	{"small net, forward + backward", runTime, "smallnet", "smallnet", "smallnet", 0, 0},
	{"sample, full batch", runTime, "fullbatch", "fullbatch", "fullbatch", 1.03, 1},
	{"sample, full batch, `Scope`", runTime, "fullbatch-scope", "fullbatch", "fullbatch", 0, 0},
	{"epoch of 938 batches, `Scope`", runTime, "epoch", "epoch", "epoch", 0, 0.6},
	{"the same; Python with `DataLoader`", runTime, "epoch", "", "epoch-loader", 0, 0.6},
	{"the same; both with `DataLoader`", runTime, "epoch-loader", "", "epoch-loader", 0, 0.4},
	{"epoch of 938 batches, left to the GC", runTime, "epoch-gc", "epoch", "epoch", 1.15, 0.95},
	{"small net, captured", runTime, "smallnet-captured", "smallnet", "smallnet", 0.3, 0.2},
	{"epoch of 938 batches, captured", runTime, "epoch-captured", "epoch", "epoch", 0.9, 0},
	{"GPT step, `Scope`", runTime, "gpt", "gpt", "gpt", 0, 0},
	{"GPT step, captured", runTime, "gpt-captured", "gpt", "gpt", 0.95, 0},
	{"ResNet-18, one image, `Scope`", runTime, "resnet18", "resnet18", "resnet18", 0, 0},
	{"ResNet-18, one image, captured", runTime, "resnet18-captured", "resnet18", "resnet18", 1, 0},
	{"transformer encoder, `Scope`", runTime, "encoder", "encoder", "encoder", 0, 0},
	{"transformer encoder, captured", runTime, "encoder-captured", "encoder", "encoder", 1, 0},
	{".pt2, small net", runTime, "pt2-mlp", "", "pt2-mlp", 0, 0.8},
	{".pt2, small CNN", runTime, "pt2-cnn", "", "pt2-cnn", 0, 0.8},
	{".pt2, GRU", runTime, "pt2-gru", "", "pt2-gru", 0, 0.8},
	{".pt2, ResNet-18", runTime, "pt2-resnet18", "", "pt2-resnet18", 0, 1},
	{".pt2, ViT", runTime, "pt2-vit", "", "pt2-vit", 0, 1},
	{"1M floats from a slice", runTime, "from-slice", "from-slice", "from-slice", 0, 0},
	{"1M floats to a slice", runTime, "to-slice", "to-slice", "to-slice", 0, 0},
	{"1M floats to the same slice", runTime, "copy-to-slice", "to-slice", "to-slice", 0, 0},
	{"start to the first tensor, process", wall, "startup", "startup", "startup", 0, 0.3},
	{"peak memory, first tensor", peak, "startup", "startup", "startup", 0, 0},
	{"peak memory, sample, full batch", peak, "fullbatch", "fullbatch", "fullbatch", 0, 0.6},
	{"peak memory, full batch, `Scope`", peak, "fullbatch-scope", "fullbatch", "fullbatch", 0, 0},
	{"peak memory, epoch, `Scope`", peak, "epoch", "epoch", "epoch", 0, 0},
	{"peak memory, epoch with `DataLoader`", peak, "epoch-loader", "", "epoch-loader", 0, 1},
	{"peak memory, epoch, left to the GC", peak, "epoch-gc", "epoch", "epoch", 0, 0},
}

// exported begins the names of the benchmarks of models that Python exports.
const exported = "pt2-"

// isExported says whether the row's model is one that Python exports.
func (r row) isExported() bool { return strings.HasPrefix(r.goName, exported) }

// A language is one of those that the work is done in.
type language int

const (
	inGo language = iota
	inCpp
	inPython
	languages // how many
)

func (l language) String() string { return [...]string{"Go", "C++", "Python"}[l] }

// name returns the row's benchmark in a language.
func (r *row) name(l language) string { return [...]string{r.goName, r.cpp, r.python}[l] }

// A group is what runs in one round: the names of the benchmarks that rows
// compare with each other, in each language.
type group [languages][]string

// groups joins rows that share a benchmark, in their order.
func groups(rows []row) []group {
	var list []group
	find := func(l language, name string) *group {
		for i := range list {
			for _, have := range list[i][l] {
				if have == name {
					return &list[i]
				}
			}
		}
		return nil
	}
	for _, r := range rows {
		var g *group
		for l := range languages {
			if name := r.name(l); g == nil && name != "" {
				g = find(l, name)
			}
		}
		if g == nil {
			list = append(list, group{})
			g = &list[len(list)-1]
		}
		for l := range languages {
			if name := r.name(l); name != "" && find(l, name) == nil {
				g[l] = append(g[l], name)
			}
		}
	}
	return list
}
