"""Every sentence this package says, in Chinese and in English, by code; and the names of the kinds of value."""

from collections.abc import Mapping

KINDS: dict[str, tuple[str, str]] = {
    "null": ("空值 null", "null"),
    "boolean": ("布尔值", "boolean"),
    "number": ("数字", "number"),
    "string": ("字符串", "string"),
    "list": ("列表", "list"),
    "context": ("上下文", "context"),
    "date": ("日期", "date"),
    "time": ("时间", "time"),
    "date and time": ("日期时间", "date and time"),
    "days and time duration": ("天时时长", "days and time duration"),
    "years and months duration": ("年月时长", "years and months duration"),
    "range": ("区间", "range"),
    "function": ("函数", "function"),
    "day": ("日期或日期时间", "date or date and time"),
    "duration": ("时长", "duration"),
    "Any": ("任意值", "any value"),
    "an expression": ("表达式", "an expression"),
    "a name": ("名称", "a name"),
    "a type": ("类型", "a type"),
    "an operator or the end": ("运算符或结尾", "an operator or the end"),
    "the end of the expression": ("表达式结尾", "the end of the expression"),
}

MESSAGES: dict[str, tuple[str, str]] = {
    "syntax.unexpected": ("此处应为{expected}，但遇到{found}", "Expected {expected}, but found {found}"),
    "syntax.string": ("字符串缺少结尾的双引号", "Expected a closing double quote, but the string does not end"),
    "syntax.comment": ("注释缺少结尾的 */", "Expected */ to close the comment, but it does not end"),
    "syntax.escape": ("字符串中的转义 {found} 无效", "Expected a valid character escape, but found {found}"),
    "syntax.character": ("无法识别的字符 {found}", "Expected FEEL, but found the character {found}"),
    "syntax.fullwidth": (
        "此处应使用半角符号 {expected}，但遇到全角符号 {found}",
        "Expected the ASCII character {expected}, but found its full-width form {found}",
    ),
    "value.literal": (
        "{found} 不是有效的日期、时间或时长",
        "Expected a date, time or duration in @\"…\", but found {found}",
    ),
    "syntax.nesting": ("表达式嵌套超过 {limit} 层", "Expected at most {limit} levels of nesting, but found more"),
    "syntax.size": ("表达式超过 {limit} 个字符", "Expected at most {limit} characters, but the expression is longer"),
    "syntax.tokens": (
        "表达式超过 {limit} 个词和符号",
        "Expected at most {limit} words and signs, but the expression has more",
    ),
    "syntax.duplicate": ("名称 {name} 重复", "Expected each name once, but {name} is repeated"),
    "limit.steps": ("计算超过 {limit} 步", "Expected at most {limit} steps, but the evaluation needs more"),
    "limit.depth": ("调用或数据嵌套过深", "Expected less deeply nested calls or data"),
    "limit.string": ("字符串超过 {limit} 个字符", "Expected strings of at most {limit} characters, but one is longer"),
    "limit.list": ("列表超过 {limit} 个元素", "Expected lists of at most {limit} elements, but one is longer"),
    "name.unknown": ("没有名为“{name}”的变量或函数", "Expected a variable or function '{name}', but there is none"),
    "assert.failed": ("条件不成立：{cause}", "Expected the condition to hold, but it does not: {cause}"),
    "entry.unknown": ("{kind}中没有“{name}”", "Expected the {kind} to have '{name}', but it has not"),
    "index.outside": (
        "列表共 {size} 个元素，没有第 {index} 个",
        "Expected an index within {size} elements, but it is {index}",
    ),
    "filter.type": (
        "过滤条件应为布尔值或序号，但它是{found}",
        "Expected the filter to be a boolean or number, but it is {found}",
    ),
    "operands": (
        "运算符 {operator} 不适用于{left}与{right}",
        "Expected operands that fit '{operator}', but they are {left} and {right}",
    ),
    "operand": ("运算符 {operator} 不适用于{found}", "Expected an operand that fits '{operator}', but it is {found}"),
    "condition": ("条件应为布尔值，但它是{found}", "Expected the condition to be a boolean, but it is {found}"),
    "iteration.type": (
        "只能遍历列表或整数、日期的区间，但它是{found}",
        "Expected a list or a closed range of integers or dates to iterate over, but it is {found}",
    ),
    "range.bounds": (
        "区间两端 {left}与{right} 无法比较",
        "Expected comparable ends of a range, but they are {left} and {right}",
    ),
    "number.division": ("除数为零", "Expected a divisor other than zero"),
    "number.domain": ("{function} 对该数值没有定义", "Expected a number within the domain of {function}"),
    "number.range": ("结果超出数字范围", "Expected a result within the range of numbers"),
    "function.type": ("应为函数，但它是{found}", "Expected a function, but it is {found}"),
    "function.arguments": (
        "函数 {function} 应按 {expected} 调用",
        "Expected {function} to be called as {expected}",
    ),
    "function.argument": (
        "函数 {function} 的参数“{parameter}”应为{expected}，但它是{found}",
        "Expected '{parameter}' of {function} to be {expected}, but it is {found}",
    ),
    "function.external": ("不执行外部函数", "Expected a function defined in FEEL; external functions are not run"),
    "function.failed": ("函数 {function} 没有结果：{reason}", "Expected {function} to give a result, but: {reason}"),
    "type.unknown": ("没有名为“{name}”的类型", "Expected a type '{name}', but there is none"),
    "type.expected": ("应为{expected}，但它是{found}", "Expected {expected}, but it is {found}"),
    "value.invalid": ("{function} 不接受 {found}", "Expected a value that {function} accepts, but found {found}"),
    "value.foreign": (
        "变量“{name}”中有 FEEL 不认识的值",
        "Expected FEEL values in '{name}', but it holds something else",
    ),
    "pattern.invalid": ("正则表达式无效：{reason}", "Expected a valid regular expression: {reason}"),
    "now.absent": ("此处没有当前时间", "Expected a current time, but none was given to this evaluation"),
    "random.absent": (
        "此处没有随机数来源",
        "Expected a source of random numbers, but none was given to this evaluation",
    ),
}


def add_messages(messages: Mapping[str, tuple[str, str]]) -> None:
    """Lets ``describe`` say codes of a host too, (Chinese, English) by code; codes of this package stay as they are."""
    MESSAGES.update({code: texts for code, texts in messages.items() if code not in MESSAGES})
