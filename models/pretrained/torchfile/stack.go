package torchfile

import "errors"

func (m *machine) push(value any) { m.stack = append(m.stack, value) }

// floor is the height of the last mark: only popMark takes what lies below.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

var errStack = errors.New("the stack is empty")

func (m *machine) top() (any, error) {
	if len(m.stack) == m.floor() {
		return nil, errStack
	}
	return m.stack[len(m.stack)-1], nil
}

func (m *machine) pop() (any, error) {
	value, err := m.top()
	if err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return value, err
}

// popN takes n values off the stack, in the order they were pushed.
func (m *machine) popN(n int) ([]any, error) {
	if len(m.stack)-m.floor() < n {
		return nil, errStack
	}
	return m.cut(len(m.stack) - n), nil
}

// popMark takes what lies above the last mark.
func (m *machine) popMark() ([]any, error) {
	if len(m.marks) == 0 {
		return nil, errors.New("there is no mark")
	}
	items := m.cut(m.floor())
	m.marks = m.marks[:len(m.marks)-1]
	return items, nil
}

func (m *machine) cut(height int) []any {
	items := append([]any(nil), m.stack[height:]...)
	m.stack = m.stack[:height]
	return items
}
