// What the page says, in its two languages. A node whose words never change names them by
// data-text; text only ever enters the page as text.

const texts = {
  "zh-CN": {
    other: "English", sign_in: "登录", username: "用户名", password: "密码", sign_out: "退出登录",
    signed_in_as: "当前管理员", process: "服务进程", database: "数据库", providers: "供应商",
    gateways: "支付方式", id: "标识", name: "名称", kind: "类型", state: "状态",
    works: "正常", fails: "异常", sandbox: "（沙箱：不出售真实资源）", none: "暂无",
    unreachable: "无法连接服务器", unauthenticated: "用户名或密码错误",
    resource_exhausted: "尝试过于频繁，请稍后再试", not_admin: "该账号不是管理员",
    scope: "此页仅供查看运行状态；日常管理请使用 rustbill-cli 或 API。",
    events: "已放弃、等待处理的任务", error: "最后的错误", attempts: "尝试次数", since: "时间",
    orphans: "供应商处无人认领的服务器", opened_for: "原为实例", address: "地址",

    overview: "运行状态", security: "账户安全", continue: "继续", cancel: "取消", add: "添加", remove: "移除",
    code: "验证码", code_hint: "请输入验证器显示的六位数字。",
    code_or_passkey_hint: "请输入验证器显示的六位数字，或改用下方的通行密钥。", code_lost: "改用恢复码",
    recovery_code: "恢复码", recovery_code_hint: "请输入一个尚未用过的恢复码，每个只能用一次。",
    code_found: "改用六位验证码", code_wrong: "验证码不正确，或已经用过",
    too_many_codes: "错误的验证码过多，请稍后再试", password_wrong: "密码不正确",
    passkey_sign_in: "使用通行密钥登录", passkey_refused: "未能用此通行密钥登录",
    passkey_needs_name: "通行密钥只能在以域名（而非 IP 地址）打开的页面上使用",
    passkey_known: "此设备上已有该账户的通行密钥",
    too_late: "等待过久，或账户已有变化，请重新开始",
    must_enrol: "本系统要求管理员设置第二因素（两步验证）。请先添加验证器或通行密钥，之后才能使用其他功能。",
    few_codes: "恢复码即将用完，请重新生成。剩余：",
    totp: "验证器", totp_on: "已启用，添加于", totp_off: "未启用",
    add_totp: "添加验证器", remove_totp: "移除验证器",
    totp_scan: "请用验证器扫描此图，或手动输入密钥：", totp_picture: "供验证器扫描的二维码",
    totp_open: "在本机的验证器中打开", totp_code: "验证器显示的六位数字", turn_on: "启用",
    passkeys: "通行密钥", add_passkey: "添加通行密钥", remove_passkey: "移除通行密钥",
    passkey: "通行密钥", created: "添加时间", last_used: "上次使用", never: "从未", passkey_name: "给它起个名字",
    passkeys_unsupported: "此浏览器或此连接不支持通行密钥（需要 HTTPS 或 localhost）。",
    recovery_codes: "恢复码", recovery_codes_left: "剩余", renew: "重新生成",
    renew_recovery_codes: "重新生成恢复码", renew_warning: "旧的恢复码将全部作废。",
    ask_password: "请再次输入密码，以确认是您本人。",
    sessions_end: "您在其他设备上的登录将全部失效。",
    last_factor: "这是您唯一的第二因素：移除后仅凭密码即可登录，恢复码也一并作废。",
    last_required_factor: "本系统要求管理员设置第二因素（两步验证）：移除后，须重新添加才能使用其他功能。",
    recovery_codes_once: "丢失设备时，可用恢复码登录，每个只能用一次。它们仅在此刻显示，请立即妥善保存。",
    copy: "复制", copied: "已复制", download: "下载", print: "打印", codes_kept: "我已妥善保存",
  },
  en: {
    other: "中文", sign_in: "Sign in", username: "User name", password: "Password",
    sign_out: "Sign out", signed_in_as: "Administrator", process: "Server", database: "Database",
    providers: "Providers", gateways: "Payment ways", id: "Id", name: "Name", kind: "Kind",
    state: "State", works: "works", fails: "fails", sandbox: " (sandbox: sells nothing real)",
    none: "None yet", unreachable: "The server cannot be reached",
    unauthenticated: "Wrong user name or password",
    resource_exhausted: "Too many attempts; try again in a moment",
    not_admin: "This account is not an administrator",
    scope: "This page shows whether the shop works; daily administration is done with rustbill-cli or the API.",
    events: "Work that was given up and waits for people", error: "Last error", attempts: "Attempts",
    since: "Since", orphans: "Servers at providers that nobody here knows", opened_for: "Opened for",
    address: "Address",

    overview: "What works", security: "Account security", continue: "Continue", cancel: "Cancel",
    add: "Add", remove: "Remove",
    code: "Code", code_hint: "The six digits that your authenticator app shows.",
    code_or_passkey_hint: "The six digits that your authenticator app shows; or use your passkey, below.",
    code_lost: "Use a recovery code", recovery_code: "Recovery code",
    recovery_code_hint: "One that you have not used yet; each is good once.",
    code_found: "Use the six digits", code_wrong: "This code is wrong, or was used already",
    too_many_codes: "Too many wrong codes; try again later", password_wrong: "Wrong password",
    passkey_sign_in: "Sign in with a passkey", passkey_refused: "This passkey does not sign in here",
    passkey_needs_name: "Passkeys work where the page is opened by a name, not by an IP address",
    passkey_known: "This device has a passkey of your account already",
    too_late: "This took too long, or your account has changed meanwhile; start again",
    must_enrol: "Administrators need a second factor here. Add an authenticator app or a passkey to go on.",
    few_codes: "You are running out of recovery codes; renew them. Left:",
    totp: "Authenticator app", totp_on: "On since", totp_off: "Off",
    add_totp: "Add an authenticator app", remove_totp: "Remove the authenticator app",
    totp_scan: "Scan this picture with your authenticator app, or type the secret:",
    totp_picture: "QR code for the authenticator app", totp_open: "Open in an app on this device",
    totp_code: "The six digits that it shows", turn_on: "Turn on",
    passkeys: "Passkeys", add_passkey: "Add a passkey", remove_passkey: "Remove the passkey",
    passkey: "Passkey", created: "Created", last_used: "Last used", never: "never", passkey_name: "What you call it",
    passkeys_unsupported: "Passkeys do not work in this browser or over this connection (HTTPS or localhost is needed).",
    recovery_codes: "Recovery codes", recovery_codes_left: "Left:", renew: "Renew",
    renew_recovery_codes: "Renew the recovery codes", renew_warning: "The old codes will be void.",
    ask_password: "Type your password again, to show that it is you.",
    sessions_end: "You will be signed out everywhere else.",
    last_factor: "This is your last second factor: your password alone will sign in again, and your recovery codes go with it.",
    last_required_factor: "Administrators need a second factor here: you can do nothing else until you add one again.",
    recovery_codes_once: "They let you in when your device is lost, each of them once. They are shown now and never again: keep them in a safe place.",
    copy: "Copy", copied: "Copied", download: "Download", print: "Print", codes_kept: "I have kept them",
  },
};

const storage_key = "rustbill.language";
const languages = Object.keys(texts);
let language = localStorage.getItem(storage_key) ?? (navigator.language.startsWith("zh") ? "zh-CN" : "en");
if (!languages.includes(language)) language = "zh-CN";

export const text = (key) => texts[language][key];
export const local_time = (time) => time && new Date(time).toLocaleString(language);

export function change_language() {
  language = languages.find((other) => other !== language);
  localStorage.setItem(storage_key, language);
  translate();
}

export function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
}

// Shows a sentence, or hides the node when it is empty. One of `texts`, named by its key, follows
// the language; any other stands as it is.
export function say(node, words) {
  const is_key = Object.hasOwn(texts[language], words);
  if (is_key) node.dataset.text = words;
  else delete node.dataset.text;
  node.textContent = is_key ? text(words) : words;
  node.hidden = words === "";
}
