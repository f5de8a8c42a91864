package vet

import "go/ast"

// Labels finds targets of losses whose dtype the loss does not take.
var Labels = analyzer("labels", "find targets of a loss of a dtype that it does not take, such as classes of float32 for CrossEntropyLoss", labels)

func labels(c *check) {
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil)) {
		call := cursor.Node().(*ast.CallExpr)
		if len(call.Args) < 2 {
			continue
		}
		f := c.callee(call)
		loss := ""
		switch {
		case f.path == functionalPath:
			loss = map[string]string{"CrossEntropy": "CrossEntropyLoss", "NLLLoss": "NLLLoss", "BinaryCrossEntropy": "BCELoss"}[f.name]
		case f.path == nnPath && f.name == "Forward":
			loss = f.receiver
		}
		switch loss {
		case "CrossEntropyLoss", "NLLLoss":
			c.classes(loss, call.Args[0], call.Args[1])
		case "BCELoss":
			if k := c.kindOf(call.Args[1]); k == integer || k == boolean {
				c.report(call.Args[1], around("convert it", call.Args[1], "", ".To(torch.Float32)"),
					"the target of %s has %s, which it does not take: make them of float32, or convert them by To(torch.Float32)", loss, k)
			}
		}
	}
}

// classes looks at the scores and the target of a loss of classes.
func (c *check) classes(loss string, scores, target ast.Expr) {
	if k := c.kindOf(scores); k == integer || k == boolean {
		c.report(scores, nil, "the scores of %s are %s: they come first, and the target after them", loss, k)
		return
	}
	dims, known := c.dimsOf(target)
	switch k := c.kindOf(target); {
	case k == floating && (loss == "NLLLoss" || known && dims == 1 || c.areIndices(target)):
		c.report(target, nil, "the target of %s has %s, and classes are integers: make them of int64, or convert them by To(torch.Int64)", loss, k)
	case k == boolean:
		c.report(target, around("convert it", target, "", ".To(torch.Int64)"),
			"the target of %s has %s, and classes are integers: convert them by To(torch.Int64)", loss, k)
	case k == integer && c.isOneHot(target):
		c.report(target, nil, "the target of %s is a OneHot: give the classes themselves, or probabilities, by To(torch.Float32)", loss)
	}
}

// areIndices reports whether a tensor is made of those that Argmax and its like give.
func (c *check) areIndices(e ast.Expr) bool {
	for range 8 {
		call, ok := c.valueOf(e).(*ast.CallExpr)
		if !ok {
			return false
		}
		switch f := c.callee(call); {
		case f.path != torchPath:
			return false
		case f.name == "Argmax", f.name == "Argmin":
			return true
		case f.name == "To", givesSame.MatchString(f.name):
			e = operand(f, call)
		default:
			return false
		}
	}
	return false
}

// isOneHot reports whether a tensor is what OneHot gives.
func (c *check) isOneHot(e ast.Expr) bool {
	call, ok := c.valueOf(e).(*ast.CallExpr)
	return ok && c.callee(call).name == "OneHot"
}
