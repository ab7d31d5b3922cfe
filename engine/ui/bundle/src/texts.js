// The Chinese of what form-js says; English passes through. The page's language decides.
import { Mandarin } from 'flatpickr/dist/l10n/zh.js';

export const chinese = document.documentElement.lang.startsWith('zh');
export const kapokDateLocale = chinese ? 'zh-CN' : 'en-GB';
export const kapokCalendar = chinese ? { ...Mandarin, monthAriaLabel: '月份', yearAriaLabel: '年份' } : { firstDayOfWeek: 1 };

const WORDS = {
  'No results': '没有匹配的选项',
  'Date and time must both be entered.': '日期和时间都要填写。',
  'Search': '查找',
  'Select': '请选择',
  'All values selected': '已全部选择',
  'Nothing to show.': '没有内容。',
  'Click to remove sorting': '点按取消排序',
  'Add new': '新增一项',
  'Value is not a number.': '请填写数字。',
  'Field is required.': '请填写此项。',
  'Field must be a valid email.': '请填写有效的电子邮箱，例如 name@example.com。',
  'Field must be a valid  international phone number. (e.g. +4930664040900)': '请填写带国家代码的电话号码，例如 +8620xxxxxxxx。',
  'Increment': '加一',
  'Decrement': '减一',
  'Remove tag': '移除此项',
  'Previous page': '上一页',
  'Next page': '下一页',
  'hh:mm --': '时:分',
  'Field must match pattern {0}.': '格式不符，应符合 {0}。',
  'Field must have minimum value of {0}.': '不能小于 {0}。',
  'Field must have maximum value of {0}.': '不能大于 {0}。',
  'Field must have minimum length of {0}.': '至少填写 {0} 个字。',
  'Field must have maximum length of {0}.': '最多填写 {0} 个字。',
  'Value is expected to be an integer.': '请填写整数。',
  'Value is expected to have at most {0} decimal digits.': '小数最多 {0} 位。',
  'Please select a valid value, the two nearest valid values are {0} and {1}.': '取值不符，最近的有效值是 {0} 和 {1}。',
  'Remove list item {0}': '移除第 {0} 项',
  'Choose files': '选择文件',
  'Remove {0}': '移除 {0}',
  'Uploading {0}…': '正在上传 {0}…',
  'No files yet': '尚未选择文件',
  'The server answered with {0}.': '服务器应答 {0}，请稍后再试。',
  'The connection was lost; nothing was saved. Try again.': '连接中断，文件未保存，请重试。',
  'The fingerprint computed here differs from the server\'s; upload it again.': '本机计算的摘要与服务器不一致，请重新上传。',
  'SHA-256 {0}': 'SHA-256 摘要 {0}',
  'Accepted: {0}': '可上传：{0}',
};

export const kapokText = (words, ...values) => {
  const text = chinese ? WORDS[words] ?? words : words;
  return values.reduce((all, value, index) => all.replaceAll(`{${index}}`, value), text);
};
