package pickle

import "fmt"

// page holds values of the memo whose numbers are neighbours, as those of nearly all
// files are.
type page [pageSize]any

const pageSize = 256

// missing is in a page where there is no value.
var missing any = struct{}{}

// doMemo remembers the uppermost value, or brings one back.
func (m *machine) doMemo(op byte) error {
	size := 1
	if op == opLongBinGet || op == opLongBinPut {
		size = 4
	}
	at, err := m.number(size)
	if err != nil {
		return err
	}
	entries, number := m.memo[at/pageSize], at%pageSize
	if op == opBinGet || op == opLongBinGet {
		if entries == nil || entries[number] == missing {
			return fmt.Errorf("value %d is not there yet", at)
		}
		return m.push(entries[number], 0)
	}
	if len(m.stack) == m.bottom() {
		return errEmpty
	}
	if entries == nil {
		if entries, err = m.newPage(at / pageSize); err != nil {
			return err
		}
	}
	entries[number] = m.stack[len(m.stack)-1]
	return nil
}

// newPage adds a page to the memo.
func (m *machine) newPage(at uint32) (*page, error) {
	const entry = 128 // at most, of a map that grows
	if err := m.reader.Budget.Take(pageSize*value + entry); err != nil {
		return nil, err
	}
	entries := &page{}
	for i := range entries {
		entries[i] = missing
	}
	m.memo[at] = entries
	return entries, nil
}
