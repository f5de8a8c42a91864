package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wangkuiyi/gotorch/torch/gguf"
)

// Tokenizer cuts text into tokens by byte-level byte-pair encoding, as GPT-2 does: the bytes
// of a word are written as letters, and the pair of neighbours that was merged first in
// training is merged, until there is none.
type Tokenizer struct {
	tokens  []string       // by number, in letters for bytes
	numbers map[string]int // of tokens
	ranks   map[[2]string]int
	special *regexp.Regexp // special tokens, which are found before words; nil for none
	control map[int]bool   // tokens that are no text
	split   *regexp.Regexp // words
	digits  bool           // each digit is a word
	whole   bool           // a word that is a token is not cut
	unknown int            // the token of a byte that has none, as rare ones may; -1: it is left out
}

// Words of GPT-2 and of Llama 3. The patterns of both end in \s+(?!\S)|\s+, which Go has not:
// here that is a group, and [Tokenizer.cut] does what it does.
const (
	space      = `\s\x{b}\x{85}\p{Z}`
	gpt2Words  = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^` + space + `\p{L}\p{N}]+|([` + space + `]+)`
	llamaWords = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^` + space + `\p{L}\p{N}]+[\r\n]*|[` + space + `]*[\r\n]+|([` + space + `]+)`
)

// ggufTokenizer returns the tokenizer of a GGUF file.
func ggufTokenizer(f *gguf.Tokenizer) (*Tokenizer, error) {
	if f.Model != "gpt2" {
		return nil, fmt.Errorf("its tokenizer is of the kind %q; gpt2, byte-level byte-pair encoding, is known", f.Model)
	}
	t := &Tokenizer{control: map[int]bool{}, unknown: f.Unknown}
	switch f.Pre {
	case "smollm":
		t.split, t.digits = regexp.MustCompile(gpt2Words), true
	case "gpt-2", "default":
		t.split = regexp.MustCompile(gpt2Words)
	case "llama-bpe", "llama3":
		t.split, t.whole = regexp.MustCompile(llamaWords), true
	default:
		return nil, fmt.Errorf("its tokenizer cuts words as %q does; smollm, gpt-2 and llama-bpe are known", f.Pre)
	}
	var special []string
	for i, kind := range f.Types {
		if kind == gguf.TokenControl || kind == gguf.TokenUserDefined {
			special = append(special, f.Tokens[i])
			t.control[i] = kind == gguf.TokenControl
		}
	}
	merges := make([][2]string, len(f.Merges))
	for i, m := range f.Merges {
		merges[i][0], merges[i][1], _ = strings.Cut(m, " ")
	}
	return t, t.init(f.Tokens, merges, special)
}

// init sets the vocabulary. It fails on merges to what is no token.
func (t *Tokenizer) init(tokens []string, merges [][2]string, special []string) error {
	t.tokens = tokens
	t.numbers = make(map[string]int, len(tokens))
	for i, token := range tokens {
		t.numbers[token] = i
	}
	t.ranks = make(map[[2]string]int, len(merges))
	for i, pair := range merges {
		if _, ok := t.numbers[pair[0]+pair[1]]; !ok {
			return fmt.Errorf("its tokenizer merges %q and %q, which together are no token", pair[0], pair[1])
		}
		t.ranks[pair] = i
	}
	if len(special) == 0 {
		return nil
	}
	slices.SortFunc(special, func(a, b string) int { return len(b) - len(a) }) // the longest first
	for i, token := range special {
		special[i] = regexp.QuoteMeta(token)
	}
	t.special = regexp.MustCompile(strings.Join(special, "|"))
	return nil
}

// Encode returns the tokens of a text, in which special tokens may be written.
func (t *Tokenizer) Encode(text string) []int {
	var tokens []int
	for t.special != nil {
		at := t.special.FindStringIndex(text)
		if at == nil {
			break
		}
		tokens = append(t.encode(tokens, text[:at[0]]), t.numbers[text[at[0]:at[1]]])
		text = text[at[1]:]
	}
	return t.encode(tokens, text)
}

// encode appends the tokens of a text without special ones.
func (t *Tokenizer) encode(tokens []int, text string) []int {
	for _, word := range t.words(text) {
		for _, part := range t.merge(word) {
			number, ok := t.numbers[part]
			if !ok {
				number = t.unknown
			}
			if number >= 0 {
				tokens = append(tokens, number)
			}
		}
	}
	return tokens
}

// digit is a word of its own for some.
var digit = regexp.MustCompile(`\p{N}`)

// words cuts a text.
func (t *Tokenizer) words(text string) (words []string) {
	for t.digits {
		at := digit.FindStringIndex(text)
		if at == nil {
			break
		}
		words = append(t.cut(words, text[:at[0]]), text[at[0]:at[1]])
		text = text[at[1]:]
	}
	return t.cut(words, text)
}

// cut appends the words of a text. Of white space before a word the last character is left
// to the word.
func (t *Tokenizer) cut(words []string, text string) []string {
	for len(text) > 0 {
		at := t.split.FindStringSubmatchIndex(text)
		end := at[1]
		if _, last := utf8.DecodeLastRuneInString(text[:end]); at[2] >= 0 && end < len(text) && end > last {
			end -= last
		}
		words = append(words, text[:end])
		text = text[end:]
	}
	return words
}

// merge returns the tokens that a word is made of.
func (t *Tokenizer) merge(word string) []string {
	var letters strings.Builder
	for _, b := range []byte(word) {
		letters.WriteRune(byteLetters[b])
	}
	if _, ok := t.numbers[letters.String()]; ok && t.whole {
		return []string{letters.String()}
	}
	parts := strings.Split(letters.String(), "")
	for {
		best, at := len(t.ranks), -1
		for i := range len(parts) - 1 {
			if rank, ok := t.ranks[[2]string{parts[i], parts[i+1]}]; ok && rank < best {
				best, at = rank, i
			}
		}
		if at < 0 {
			return parts
		}
		parts = slices.Replace(parts, at, at+2, parts[at]+parts[at+1])
	}
}

// Decode returns the bytes of a token. Special ones have none, nor have those that a model
// has beyond its tokenizer's.
func (t *Tokenizer) Decode(token int) []byte {
	var text []byte
	if t.control[token] || token >= len(t.tokens) {
		return nil
	}
	for _, letter := range t.tokens[token] {
		if b, ok := letterBytes[letter]; ok {
			text = append(text, b)
		} else {
			text = utf8.AppendRune(text, letter)
		}
	}
	return text
}

// byteLetters are the letters that stand for bytes: printable ones for themselves, and for
// the others those from U+0100 on. letterBytes is the way back.
var byteLetters, letterBytes = func() (letters [256]rune, bytes map[rune]byte) {
	bytes = map[rune]byte{}
	other := rune(256)
	for b := range 256 {
		letters[b] = rune(b)
		if b < '!' || b > '~' && b < 0xa1 || b == 0xad {
			letters[b] = other
			other++
		}
		bytes[letters[b]] = byte(b)
	}
	return letters, bytes
}()
