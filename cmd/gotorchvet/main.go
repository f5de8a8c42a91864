// Command gotorchvet finds mistakes in programs that use gotorch. It runs by itself, and
// as the tool of go vet:
//
//	go get -tool github.com/wangkuiyi/gotorch/cmd/gotorchvet
//	go tool gotorchvet ./...
//	go vet -vettool=$(go tool -n gotorchvet) ./...
//
// What it finds, each with the remedy; -fix mends what is plain:
//
//   - dropped: the result of an operator that nobody takes, such as x.Add(1) for
//     x.AddInplace(1), and a copy that is changed, as x.Index(mask).AddInplace(1) does
//   - elements: a tensor that a loop reads element by element
//   - fields: fields of a module in which nn.Init finds no modules and tensors
//   - formats: verbs of Printf that do not fit a tensor's dtype
//   - initialized: a module that is made without nn.Init
//   - labels: targets of a loss whose dtype it does not take
//   - oneoptions: two structs of options where one counts
//   - operands: arguments of types that torch.Operand, Number, Sizes, an index or NewTensor
//     does not take
//   - scopes: a tensor that is used after the Scope, or a data loader's turn, that it was
//     made in
//   - shapes: layers whose sizes do not fit
//   - zerograd: an optimizer's Step in a loop without ZeroGrad
//
// A comment suppresses what is said of its line, or, on a line of its own, of the next:
//
//	x.Add(1) //nolint:gotorchvet // only its time counts
//
// "gotorchvet help" lists the flags. It is a command of its own since it imports other
// modules, which gotorch does not.
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/wangkuiyi/gotorch/internal/vet"
)

func main() { multichecker.Main(vet.Analyzers...) }
