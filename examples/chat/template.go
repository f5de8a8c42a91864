package main

import (
	"errors"
	"regexp"
	"strings"
)

// Message is one of a conversation.
type Message struct{ Role, Content string }

// Template writes a conversation as a model was trained to read it. Templates are programs
// in Jinja's language; what is here is what two that many models have do.
type Template struct {
	before, between, after string // around a role, and after a message
	begin                  string // of a conversation
	System                 string // what the model is told first if nobody says otherwise; "" for nothing
}

// system finds what a template tells the model first.
var system = regexp.MustCompile(`(?s)<\|im_start\|>system(?:\n|\\n)([^'<{]+)<\|im_end\|>`)

// NewTemplate returns the template that a program in Jinja's language stands for.
func NewTemplate(program string) (Template, error) {
	switch {
	case strings.Contains(program, "<|im_start|>"):
		t := Template{before: "<|im_start|>", between: "\n", after: "<|im_end|>\n"}
		if found := system.FindStringSubmatch(program); found != nil {
			t.System = found[1]
		}
		return t, nil
	case strings.Contains(program, "<|start_header_id|>"):
		return Template{begin: "<|begin_of_text|>", before: "<|start_header_id|>", between: "<|end_header_id|>\n\n", after: "<|eot_id|>"}, nil
	case program == "":
		return Template{}, errors.New("the model has no chat template: it was trained to go on with text, not to answer")
	}
	return Template{}, errors.New("its chat template is not known; those with <|im_start|> and <|start_header_id|> are")
}

// Write returns a conversation up to where the model is to answer.
func (t Template) Write(messages []Message) string {
	var text strings.Builder
	text.WriteString(t.begin)
	for _, m := range messages {
		text.WriteString(t.before + m.Role + t.between + m.Content + t.after)
	}
	text.WriteString(t.before + "assistant" + t.between)
	return text.String()
}
