package minilm

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// WordPiece splits texts into BERT's tokens, as BertTokenizer of Hugging Face does: words,
// and where the vocabulary lacks one, its longest pieces.
type WordPiece struct {
	vocabulary map[string]int
	keepsCase  bool
}

// special are the tokens with a meaning of their own, in texts too.
var special = []string{"[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"}

// NewWordPiece reads a vocabulary, which has a token a line.
func NewWordPiece(path string, keepsCase bool) (*WordPiece, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w := &WordPiece{map[string]int{}, keepsCase}
	lines := bufio.NewScanner(f)
	for n := 0; lines.Scan(); n++ {
		w.vocabulary[lines.Text()] = n
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, token := range special {
		if _, ok := w.vocabulary[token]; !ok {
			return nil, fmt.Errorf("%s: no vocabulary of BERT's: it lacks %s", path, token)
		}
	}
	return w, nil
}

// Encode returns the numbers of a text's tokens, at most so many, between [CLS] and [SEP].
func (w *WordPiece) Encode(text string, most int) []int {
	ids := []int{w.vocabulary["[CLS]"]}
	most-- // for [SEP]
	for text != "" && len(ids) < most {
		plain, token, rest := cutSpecial(text)
		for _, word := range words(w.normalize(plain)) {
			ids = w.appendPieces(ids, word)
		}
		if token != "" {
			ids = append(ids, w.vocabulary[token])
		}
		text = rest
	}
	return append(ids[:min(len(ids), most)], w.vocabulary["[SEP]"])
}

// cutSpecial cuts a text around the first special token.
func cutSpecial(text string) (before, token, after string) {
	at := len(text)
	for _, s := range special {
		if i := strings.Index(text, s); i >= 0 && i < at {
			at, token = i, s
		}
	}
	return text[:at], token, text[at+len(token):]
}

// normalize drops what is not seen, and case and accents; ideographs become words.
func (w *WordPiece) normalize(text string) string {
	var clean strings.Builder
	for _, r := range text {
		switch {
		case r == 0 || r == unicode.ReplacementChar || isControl(r):
		case unicode.IsSpace(r):
			clean.WriteByte(' ')
		case isIdeograph(r):
			clean.WriteString(" " + string(r) + " ")
		default:
			clean.WriteRune(r)
		}
	}
	if w.keepsCase {
		return clean.String()
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(clean.String()))
}

// isControl reports whether a letter is a control, a format or of private use, but no space
// that text has.
func isControl(r rune) bool {
	return r != '\t' && r != '\n' && r != '\r' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// isIdeograph reports whether a letter is of the blocks that BERT takes for Chinese.
func isIdeograph(r rune) bool {
	for _, block := range [][2]rune{{0x4E00, 0x9FFF}, {0x3400, 0x4DBF}, {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
		{0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF}, {0x2F800, 0x2FA1F}} {
		if block[0] <= r && r <= block[1] {
			return true
		}
	}
	return false
}

// words splits at spaces, and makes a word of each sign.
func words(text string) []string {
	var list []string
	for part := range strings.FieldsSeq(text) {
		start := 0
		for i, r := range part {
			if !unicode.IsPunct(r) && (r >= 0x80 || !unicode.IsSymbol(r)) {
				continue
			}
			if start < i {
				list = append(list, part[start:i])
			}
			start = i + len(string(r))
			list = append(list, part[i:start])
		}
		if start < len(part) {
			list = append(list, part[start:])
		}
	}
	return list
}

// appendPieces appends the tokens of a word: the longest that it begins with, and so on.
func (w *WordPiece) appendPieces(ids []int, word string) []int {
	const longest = 100 // letters
	before := len(ids)
	letters := []rune(word)
	for start := 0; start < len(letters); {
		id, end, found := 0, min(len(letters), start+longest), false
		for ; end > start && !found; end-- {
			piece := string(letters[start:end])
			if start > 0 {
				piece = "##" + piece
			}
			id, found = w.vocabulary[piece]
		}
		if !found || len(letters) > longest {
			return append(ids[:before], w.vocabulary["[UNK]"])
		}
		ids = append(ids, id)
		start = end + 1
	}
	return ids
}
