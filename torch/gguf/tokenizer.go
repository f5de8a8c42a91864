package gguf

import (
	"fmt"
	"strings"
)

// TokenType is what a token of a vocabulary is.
type TokenType int32

// The types of tokens.
const (
	TokenNormal      TokenType = 1 // of text
	TokenUnknown     TokenType = 2 // for text that has no other
	TokenControl     TokenType = 3 // such as the end of a text; it is not written
	TokenUserDefined TokenType = 4 // found in text before all others
	TokenUnused      TokenType = 5
	TokenByte        TokenType = 6 // one byte
)

// Tokenizer is what a file says of how text becomes tokens and back.
type Tokenizer struct {
	Model  string // "gpt2" is byte-level BPE, "llama" SentencePiece's BPE, "bert" WordPiece, "t5" Unigram
	Pre    string // how text is cut into words first, such as "llama-bpe"; "" if the file does not say
	Tokens []string
	Types  []TokenType // of each token; nil if the file does not say
	Scores []float32   // of each token, for SentencePiece; else nil
	Merges []string    // for byte-level BPE: pairs with a space between, the first of them first

	// The numbers of special tokens; -1 where the file names none.
	BOS, EOS, EOT, Unknown, Separator, Padding int

	// Whether a text gets such a token, or a space before it; nil if the file does not say.
	AddBOS, AddEOS, AddSpacePrefix *bool

	ChatTemplate string // in Jinja's language; "" if there is none
}

// Tokenizer returns what the file says of text and tokens. It fails if the file has no
// tokens, and if what it says does not fit together.
func (f *File) Tokenizer() (*Tokenizer, error) {
	t := &Tokenizer{BOS: -1, EOS: -1, EOT: -1, Unknown: -1, Separator: -1, Padding: -1}
	var types []int32
	for _, field := range []struct {
		key string
		to  any
	}{
		{"ggml.model", &t.Model}, {"ggml.pre", &t.Pre}, {"ggml.tokens", &t.Tokens}, {"ggml.token_type", &types}, {"ggml.scores", &t.Scores},
		{"ggml.merges", &t.Merges}, {"ggml.bos_token_id", &t.BOS}, {"ggml.eos_token_id", &t.EOS}, {"ggml.eot_token_id", &t.EOT},
		{"ggml.unknown_token_id", &t.Unknown}, {"ggml.seperator_token_id", &t.Separator}, {"ggml.padding_token_id", &t.Padding},
		{"ggml.add_bos_token", &t.AddBOS}, {"ggml.add_eos_token", &t.AddEOS}, {"ggml.add_space_prefix", &t.AddSpacePrefix},
		{"chat_template", &t.ChatTemplate},
	} {
		if err := f.Metadata.fill("tokenizer."+field.key, field.to); err != nil {
			return nil, err
		}
	}
	for _, kind := range types {
		t.Types = append(t.Types, TokenType(kind))
	}
	return t, t.check(f.path)
}

// check fails if what there is of tokens does not belong to the same tokens.
func (t *Tokenizer) check(path string) error {
	n := len(t.Tokens)
	if n == 0 {
		return fmt.Errorf("gguf: %s has no tokenizer: there is no tokenizer.ggml.tokens", path)
	}
	if t.Types != nil && len(t.Types) != n || t.Scores != nil && len(t.Scores) != n {
		return fmt.Errorf("gguf: %s has %d tokens, but %d types and %d scores", path, n, len(t.Types), len(t.Scores))
	}
	for name, id := range map[string]int{"BOS": t.BOS, "EOS": t.EOS, "EOT": t.EOT, "unknown": t.Unknown, "separator": t.Separator, "padding": t.Padding} {
		if id < -1 || id >= n {
			return fmt.Errorf("gguf: %s: the %s token is %d, and there are %d tokens", path, name, id, n)
		}
	}
	return nil
}

// fill writes the value of a key to what to points to, if there is one.
func (m Metadata) fill(key string, to any) (err error) {
	v, given := m[key]
	if !given {
		return nil
	}
	ok := true
	switch to := to.(type) {
	case *string:
		*to, err = m.Text(key)
	case *int:
		*to, err = m.Int(key)
	case *[]string:
		*to, ok = v.([]string)
	case *[]int32:
		*to, ok = v.([]int32)
	case *[]float32:
		*to, ok = v.([]float32)
	case **bool:
		var b bool
		b, ok = v.(bool)
		*to = &b
	}
	if !ok {
		err = m.refuse(key, strings.TrimLeft(fmt.Sprintf("%T", to), "*"))
	}
	return err
}
