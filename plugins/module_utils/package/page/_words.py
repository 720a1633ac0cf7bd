# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of a package's page, by language."""

from __future__ import annotations

LANGUAGES = ("en", "zh")

# Key: (English, Chinese). The Chinese words are the manual's where it has one (§5.1, §5.2, §7.2.3.2).
_WORDS = {
    "overview": ("Overview", "概览"),
    "detail": ("Detail", "详情"),
    "deploy": ("Create an instance", "创建实例"),
    "types": ("Deployment configurations", "部署配置定义"),
    "parameters": ("Parameters", "参数说明"),
    "status": ("Status", "状态信息"),
    "upgrade": ("Upgrade", "升级"),
    "settings": ("Settings", "配置项"),
    "operations": ("Operations", "运维操作"),
    "logs": ("Logs", "日志"),
    "metrics": ("Metrics", "监控指标"),
    "alarms": ("Alarms", "告警"),
    "versions": ("Versions", "版本列表"),
    "name": ("Name", "服务名"),
    "category": ("Type", "类型"),
    "architecture": ("Architecture", "架构"),
    "mode": ("Mode", "模式"),
    "updated": ("Updated", "更新时间"),
    "version": ("Package version", "服务版本"),
    "app_version": ("Application version", "应用版本"),
    "provider": ("Provider", "提供者"),
    "maintainers": ("Maintainers", "维护人"),
    "links": ("Links", "相关链接"),
    "source": ("Source", "来源"),
    "capabilities": ("Capabilities", "能力"),
    "devices": ("Devices", "硬件设备"),
    "industries": ("Industries", "行业"),
    "scenes": ("Scenes", "使用场景"),
    "image": ("Image", "容器镜像"),
    "repository": ("Registry", "镜像仓库"),
    "alias": ("Alias", "别名"),
    "sha256": ("SHA-256", "SHA-256"),
    "size": ("Size", "大小"),
    "form": ("Form", "表单模式"),
    "sample": ("View the YAML sample", "查看YAML样例"),
    "label": ("Name", "名称"),
    "meaning": ("Description", "参数描述"),
    "required": ("Required", "必选"),
    "range": ("Range", "参数范围"),
    "default": ("Default", "默认值"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "empty": ("empty", "空"),
    "on": ("on", "开"),
    "off": ("off", "关"),
    "secret": ("secret: given or made when an instance is created", "机密：创建实例时设置或生成"),
    "advanced": ("Advanced", "高级"),
    "general": ("General", "常规"),
    "only_when": ("only while {0} is {1}", "仅当 {0} 为 {1} 时"),
    "characters": ("{0} characters", "{0} 个字符"),
    "entries": ("{0} entries", "{0} 项"),
    "no_fields": ("This configuration has no form fields.", "该配置没有表单字段。"),
    "replaces": ("Replaces", "升级基线版本"),
    "skips": ("Skips", "可以跳过升级的版本"),
    "skip_range": ("From any of", "可以直接升级的版本范围"),
    "no_upgrade": ("No older version can be upgraded to this one.", "没有旧版本可以升级到此版本。"),
    "one_command": ("With one command:", "使用一条命令："),
    "value_of": ("value shown", "展示的值"),
    "file": ("File", "文件"),
    "query": ("Query", "表达式"),
    "severity": ("Severity", "级别"),
    "action": ("Action", "操作"),
    "runs": ("Runs as", "执行方式"),
    "pods": ("Pods", "Pod"),
    "unit": ("Unit", "单位"),
    "lasting": ("After", "持续时间"),
    "apply": ("Takes effect by", "生效方式"),
    "restart": ("restart", "重启"),
    "reload": ("reload", "重新加载"),
    "anonymous": ("It can be used without a password", "可匿名访问（无需密码）"),
    "this_page": (
        "Made by acmp.middleware from the files of the package. The page holds all it shows and loads nothing.",
        "由 acmp.middleware 根据服务包文件生成。页面自包含，不加载任何外部内容。",
    ),
}


def words(language: str) -> dict[str, str]:
    """Every word by its key, in English where the language is not known."""
    index = LANGUAGES.index(language) if language in LANGUAGES else 0
    return {key: texts[index] for key, texts in _WORDS.items()}
