package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
)

// size is what is known of a tensor: how many features it has in its last dimension, or
// how many channels in its second.
type size struct {
	n        int
	channels bool   // else features
	multiple bool   // of features: a multiple of n, since n channels were flattened
	from     string // what gave it
}

func (s size) String() string {
	switch {
	case s.channels:
		return fmt.Sprintf("%d channels", s.n)
	case s.multiple:
		return fmt.Sprintf("a multiple of %d features", s.n)
	}
	return fmt.Sprintf("%d features", s.n)
}

// clashes reports whether a layer that takes in cannot follow.
func (s size) clashes(in size) bool {
	switch {
	case s.n == 0 || in.n == 0 || s.channels != in.channels:
		return false
	case s.multiple:
		return in.n%s.n != 0
	}
	return s.n != in.n
}

// flattened returns the size after all dimensions but the first are made one.
func (s size) flattened() size {
	if !s.channels {
		return size{} // the dimensions between are not known
	}
	return size{n: s.n, multiple: true, from: s.from}
}

// layer is what is known of a module.
type layer struct {
	name     string
	in, out  size          // n 0: not known
	keeps    bool          // gives the size that it is given
	either   bool          // takes features or channels, and keeps them
	pools    bool          // keeps the channels, but not the features
	flattens bool          // makes all dimensions but the first one
	sequence *ast.CallExpr // of NewSequential
}

// keeping are the layers that change no number of channels or features.
var keeping = regexp.MustCompile(`^New(ReLU6?|LeakyReLU|PReLU|RReLU|ELU|SELU|CELU|GELU|SiLU|Mish|Sigmoid|LogSigmoid|Tanh|Softplus|Softsign|Tanhshrink|Hardtanh|Hardswish|Hardsigmoid|Hardshrink|Softshrink|Threshold|Softmax|LogSoftmax|Softmin|Softmax2d|Identity|(Feature)?(Alpha)?Dropout[123]?d?)$`)

// pooling are the layers that keep the number of channels, and change that of the last
// dimension.
var pooling = regexp.MustCompile(`^New(MaxPool|AvgPool|AdaptiveAvgPool|AdaptiveMaxPool|LPPool|FractionalMaxPool)[123]d$|^New(Zero|Constant|Reflection|Replication|Circular)Pad[123]d$|^NewUpsample$|^NewUpsampling`)

// elementwise are the functions that keep a tensor's size.
var elementwise = map[string]bool{
	"ReLU": true, "ReLU6": true, "LeakyReLU": true, "ELU": true, "SELU": true, "CELU": true, "GELU": true, "SiLU": true, "Mish": true, "Sigmoid": true,
	"Tanh": true, "Softplus": true, "Softmax": true, "LogSoftmax": true, "Dropout": true, "AlphaDropout": true, "Hardtanh": true, "Hardswish": true,
	"Exp": true, "Neg": true, "Abs": true, "Contiguous": true, "Clone": true, "Detach": true, "ReLUInplace": true, "SigmoidInplace": true, "TanhInplace": true,
}

// layerOf returns what is known of the module that an expression makes, or nil.
func (c *check) layerOf(e ast.Expr) *layer {
	call, ok := c.valueOf(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	f := c.callee(call)
	if f.path != nnPath {
		return nil
	}
	number := func(i int) int {
		if i < len(call.Args) {
			if n, ok := c.intOf(call.Args[i]); ok {
				return n
			}
		}
		return 0
	}
	name := "nn." + f.name[min(3, len(f.name)):]
	channels := func(n int) size { return size{n: n, channels: true} }
	switch f.name {
	case "NewLinear":
		return &layer{name: name, in: size{n: number(0)}, out: size{n: number(1)}}
	case "NewConv1d", "NewConv2d", "NewConv3d", "NewConvTranspose1d", "NewConvTranspose2d", "NewConvTranspose3d":
		return &layer{name: name, in: channels(number(0)), out: channels(number(1))}
	case "NewBatchNorm2d", "NewBatchNorm3d", "NewInstanceNorm2d", "NewInstanceNorm3d":
		return &layer{name: name, in: channels(number(0)), out: channels(number(0))}
	case "NewGroupNorm":
		return &layer{name: name, in: channels(number(1)), out: channels(number(1))}
	case "NewLayerNorm", "NewRMSNorm":
		return &layer{name: name, in: size{n: number(0)}, out: size{n: number(0)}}
	case "NewBatchNorm1d":
		return &layer{name: name, in: size{n: number(0)}, either: true}
	case "NewEmbedding":
		return &layer{name: name, out: size{n: number(1)}}
	case "NewFlatten":
		if len(call.Args) == 0 {
			return &layer{name: name, flattens: true}
		}
	case "NewSequential":
		if !call.Ellipsis.IsValid() {
			return &layer{name: name, sequence: call}
		}
	}
	switch {
	case keeping.MatchString(f.name):
		return &layer{name: name, keeps: true}
	case pooling.MatchString(f.name):
		return &layer{name: name, pools: true}
	}
	return nil
}

// layersOfFields returns what the fields of modules are made with, where that is one
// thing in all the package.
func (c *check) layersOfFields() map[types.Object]*layer {
	layers := map[types.Object]*layer{}
	set := func(field types.Object, value ast.Expr) {
		v, ok := field.(*types.Var)
		if !ok || !v.IsField() {
			return
		}
		l := c.layerOf(value)
		if _, twice := layers[v]; twice {
			l = nil
		}
		layers[v] = l
	}
	for cursor := range c.root.Preorder((*ast.KeyValueExpr)(nil), (*ast.AssignStmt)(nil)) {
		switch n := cursor.Node().(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				set(c.TypesInfo.ObjectOf(key), n.Value)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				s, ok := ast.Unparen(left).(*ast.SelectorExpr)
				if ok && len(n.Lhs) == len(n.Rhs) {
					set(c.TypesInfo.ObjectOf(s.Sel), n.Rhs[i])
				}
			}
		}
	}
	return layers
}
