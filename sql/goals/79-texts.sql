-- texts: what reports, signals and explanations say, in each language

CREATE TABLE texts (
    code text PRIMARY KEY,
    en   text NOT NULL,
    zh   text NOT NULL
);
COMMENT ON TABLE texts IS
'the words and sentences in which report(), explain() and signals say what they do';
COMMENT ON COLUMN texts.code IS 'what it is called';
COMMENT ON COLUMN texts.en IS 'in English; a mark such as @n@ stands for what differs';
COMMENT ON COLUMN texts.zh IS 'in Chinese';
GRANT SELECT ON texts TO PUBLIC;

-- how numbers and dates are written; of dates, the forms of to_char()
INSERT INTO kpi.texts VALUES
    ('language', 'en', 'zh-Hans'),
    ('money', '@currency@ @n@', '@currency@ @n@'),
    ('money CNY', 'CN¥@n@', '¥@n@'),
    ('money EUR', '€@n@', '€@n@'),
    ('money GBP', '£@n@', '£@n@'),
    ('money JPY', '¥@n@', 'JP¥@n@'),
    ('money USD', '$@n@', 'US$@n@'),
    ('days', '@n@ days', '@n@天'), ('1 days', '@n@ day', '@n@天'),
    ('hours', '@n@ hours', '@n@小时'), ('1 hours', '@n@ hour', '@n@小时'),
    ('no figure', 'no figure', '无数据'),
    ('percentage points', '@n@ pp', '@n@ 个百分点'),
    ('thousand', 'k', ''),
    ('wan', '', '万'),
    ('million', 'M', ''),
    ('yi', '', '亿'),
    ('billion', 'B', ''),
    ('trillion', 'T', '万亿'),
    ('year form', 'FMYYYY', 'FMYYYY"年"'),
    ('month form', 'FMMonth FMYYYY', 'FMYYYY"年"FMMM"月"'),
    ('day form', 'FMDD FMMonth FMYYYY', 'FMYYYY"年"FMMM"月"FMDD"日"'),
    ('short month form', 'Mon YYYY', 'YYYY-MM'),
    ('short day form', 'FMDD Mon YYYY', 'YYYY-MM-DD'),
    ('time form', 'FMDD FMMonth FMYYYY HH24:MI', 'FMYYYY"年"FMMM"月"FMDD"日" HH24:MI'),
    ('from to', '@start@ to @end@', '@start@至@end@'),
    ('range', '@low@ to @high@', '@low@ 至 @high@');

-- the page
INSERT INTO kpi.texts VALUES
    ('title', 'Indicators of @name@', '@name@ 经营指标报告'),
    ('lead', '@period@, the last @grain@ that is over. Seen at @as_of@ (@timezone@).',
     '@period@（最近一个完整的@grain@）。数据截至 @as_of@（@timezone@）。'),
    ('lead without', 'No @grain@ is over yet. Seen at @as_of@ (@timezone@).',
     '尚无完整的@grain@。数据截至 @as_of@（@timezone@）。'),
    ('foot', 'Made by kpi @version@ from the views of model @model@. Amounts are in @currency@.',
     '由 kpi @version@ 根据模型 @model@ 的视图生成。金额单位：@currency@。'),
    ('foot without', 'Made by kpi @version@ from the views of model @model@.',
     '由 kpi @version@ 根据模型 @model@ 的视图生成。'),
    ('skip', 'Skip to the content', '跳至正文'),
    ('contents', 'Contents', '目录'),
    ('grain day', 'day', '日'), ('grain week', 'week', '周'), ('grain month', 'month', '月'),
    ('grain quarter', 'quarter', '季度'), ('grain half', 'half-year', '半年'),
    ('grain year', 'year', '年'),
    ('category sales', 'Sales', '销售'), ('category conversion', 'Conversion', '转化'),
    ('category customers', 'Customers', '客户'),
    ('category satisfaction', 'Satisfaction', '满意度'),
    ('category operations', 'Operations', '运营'), ('category team', 'Team', '团队'),
    ('category own', 'Of our own', '自定义指标');

-- columns
INSERT INTO kpi.texts VALUES
    ('indicator', 'Indicator', '指标'), ('status', 'Status', '状态'), ('value', 'Value', '数值'),
    ('against target', 'Beside the target', '与目标对比'), ('target', 'Target', '目标'),
    ('trend', 'Trend', '走势'), ('since previous', 'Against the period before', '较上期'),
    ('since last year', 'Against last year', '较去年同期'), ('forecast', 'Forecast for the end', '期末预测'),
    ('owner', 'Owner', '负责人'), ('before', 'Before', '此前'), ('now', 'Now', '现在'),
    ('seen by', 'Acknowledged', '确认'), ('period', 'Period', '期间'),
    ('usual', 'Usual', '正常范围'), ('good or bad', 'Good or bad', '好坏'), ('why', 'Why', '原因'),
    ('interval', '95% interval', '95% 置信区间'), ('last year', 'Last year', '去年同期'),
    ('signal', 'Signal', '异常信号'),
    ('cohort', 'First bought', '首次购买'), ('customers', 'Customers', '客户数'),
    ('step', 'Step', '步骤'), ('visitors', 'Visitors', '访客数'),
    ('share of all', 'Share', '占比'), ('of first', 'Of the first step', '占第一步'),
    ('of before', 'Of the step before', '占上一步'),
    ('of first previously', 'Of the first step, a period before', '上期占第一步'),
    ('effect', 'Effect', '影响'), ('rate effect', 'By its rate', '自身变化'),
    ('mix effect', 'By its share', '占比变化'), ('source', 'Source', '数据源'),
    ('finding', 'Finding', '发现'), ('rows', 'Rows', '行数'),
    ('moves indicator', 'What it moves', '影响的指标'), ('advice', 'What to do', '建议'),
    ('needs', 'Needs', '所缺'), ('figures', 'The figures', '数据表');

-- signs and words beside values
INSERT INTO kpi.texts VALUES
    ('achieved', 'achieved', '已达成'), ('on_track', 'on track', '正常推进'),
    ('at_risk', 'at risk', '有风险'), ('off_track', 'off track', '偏离目标'),
    ('no_data', 'no data', '无数据'), ('too_early', 'too early', '为时尚早'),
    ('cannot_tell', 'cannot tell', '无法判断'),
    ('sign achieved', '★', '★'), ('sign on_track', '●', '●'), ('sign at_risk', '▲', '▲'),
    ('sign off_track', '✖', '✖'), ('sign no_data', '○', '○'), ('sign too_early', '…', '…'),
    ('sign cannot_tell', '?', '?'),
    ('better', 'better', '改善'), ('worse', 'worse', '变差'), ('same', 'the same', '持平'),
    ('chance', 'may be chance', '可能是偶然'),
    ('short', 'that was not whole', '所比期间不完整'),
    ('above', 'above', '偏高'), ('below', 'below', '偏低'),
    ('rule outside', 'outside the limits', '超出界限'),
    ('rule run_of_eight', 'eight in a row on one side', '连续八期同侧'),
    ('rule three_of_four', 'three of four far off', '四期中三期偏远'),
    ('good', '▲ good', '▲ 好'), ('bad', '▼ bad', '▼ 差'),
    ('running', 'The running period:', '进行中的期间：'),
    ('since', 'since @day@', '自 @day@'), ('until', 'until @day@', '截止 @day@'),
    ('asked', 'now @value@', '目前应达 @value@'), ('no objective', 'Other targets', '其他目标'),
    ('next checkpoint', 'Next checkpoint: @value@ by @day@.', '下一检查点：@day@ 前达到 @value@。'),
    ('benchmark', 'Beside others: @text@.', '行业对比：@text@。'),
    ('of rows', 'of @n@', '共 @n@ 行'), ('corrected', '@value@, without it @corrected@',
                                         '@value@，剔除后 @corrected@'),
    ('kind fails', 'fails', '出错'), ('kind wrong', 'wrong', '错误'),
    ('kind doubtful', 'doubtful', '存疑'), ('kind note', 'note', '提示');

-- sections: titles, and what is said before them
INSERT INTO kpi.texts VALUES
    ('scorecard', 'Scorecard', '记分卡'),
    ('about scorecard',
     'Each target beside what was reached, by objective, in the last period that is over, or in '
     'the running one where none is; that is counted, too. The shaded part of a bar is where the '
     'value shall be, the thick line the target, the triangle what is asked for by now, the thin '
     'line with ends where the true value lies with 95% confidence.',
     '按目标分组，对比目标值与实际值；状态及其计数以最近一个完整期间为准，尚无完整期间时以'
     '进行中的期间为准。阴影区为应达到的范围，粗线为目标，三角为目前应达到的数值，'
     '带端点的细线为真实值的 95% 置信区间。'),
    ('changes', 'What changed', '状态变化'),
    ('about changes', 'Targets whose status was another when it was evaluated before.',
     '与上次评估相比状态有变化的目标。'),
    ('no changes', 'No target has changed its status.', '没有目标的状态发生变化。'),
    ('not evaluated',
     'How targets stand has not been kept yet: kpi.evaluate does so, and tells what has changed.',
     '尚未记录目标状态：kpi.evaluate 会记录并指出变化。'),
    ('signals', 'Signals', '异常信号'),
    ('about signals',
     'Values of the last three periods that their own history does not make likely: more than '
     'chance. What targets are about is looked at by the periods and members they name.',
     '最近三期数值中，按其自身历史不太可能出现、非偶然波动的情形。目标所指的指标按其期间与成员判断。'),
    ('no signals', 'Nothing moved more than its history makes likely.',
     '没有超出历史波动范围的变化。'),
    ('not judged',
     'No value can be judged yet: that needs nine periods before it, in which values differ.',
     '尚无法判断：此前须有九期，且数值有所不同。'),
    ('indicators', 'Main indicators', '主要指标'),
    ('about indicators',
     'The last period that is over. Where the sample of a value is known, a change that it may '
     'have had by chance is said to be so.',
     '最近一个完整期间。样本已知时，可能出于偶然的变化会注明。'),
    ('trends', 'Trends', '走势'),
    ('about trends', 'Each with its own axis. The running period is not over.',
     '各图坐标轴独立。进行中的期间尚未结束。'),
    ('legend value', 'value', '数值'), ('legend interval', '95% interval', '95% 置信区间'),
    ('legend last year', 'last year', '去年同期'), ('legend target', 'target', '目标'),
    ('legend running', 'running period', '进行中的期间'), ('legend signal', 'signal', '异常信号'),
    ('all', 'All other indicators', '其他全部指标'),
    ('cohorts', 'Who comes back', '客户留存'),
    ('about cohorts',
     'Of the customers who first bought in a period, the share that bought again so many periods '
     'later.', '某期间首次购买的客户，在其后各期间再次购买的比例。'),
    ('funnel', 'Funnel', '转化漏斗'),
    ('about funnel', 'Visitors by the steps they reached in @period@.', '@period@访客到达的各步骤。'),
    ('moves', 'What moved, and why', '变化及原因'),
    ('about moves', '@period@ against the period before; effects add up to the change.',
     '@period@与上期相比；各项影响之和等于总变化。'),
    ('moved', 'From @before@ to @after@ (@change@).', '由 @before@ 变为 @after@（@change@）。'),
    ('began', '@previous@ is not whole: the data begin on @day@.',
     '@previous@不完整：数据始于@day@。'),
    ('by factors', 'by customers, orders and their value', '按客户、订单数与客单价'),
    ('by dimension', 'by @dimension@', '按 @dimension@'),
    ('data', 'What is missing or doubtful', '数据缺失与存疑'),
    ('about data', 'What these figures rest on.', '这些数字的数据基础。'),
    ('findings', 'Found in the data', '数据中的问题'),
    ('no findings', 'kpi.check found nothing in the data.', 'kpi.check 未发现数据问题。'),
    ('not checked',
     'The rows of the sources were not looked at: checks => true does that, for who owns the '
     'model.', '未检查数据源的各行：模型所有者可用 checks => true 进行检查。'),
    ('not owner', 'What is doubtful in the data, kpi.check tells the owner of the model.',
     '数据是否存疑，由 kpi.check 告知模型所有者。'),
    ('missing', 'Indicators that the model has not', '模型缺少的指标'),
    ('none missing', 'The model has every indicator.', '模型具备全部指标。'),
    ('not readable', 'Not shown, as you have no right to read it: @views@.',
     '因无读取权限而未显示：@views@。'),
    ('nothing', 'Nothing has happened yet.', '尚无数据。');

-- what charts say to who does not see them
INSERT INTO kpi.texts VALUES
    ('spark label', '@n@ periods: lowest @low@, highest @high@, last @last@',
     '@n@ 个期间：最低 @low@，最高 @high@，最近 @last@'),
    ('chart label', '@name@, @start@ to @end@: lowest @low@, highest @high@, last @last@',
     '@name@，@start@ 至 @end@：最低 @low@，最高 @high@，最近 @last@'),
    ('chart target', '; target @target@', '；目标 @target@'),
    ('chart signals', '; signals: @n@, the last of @last@', '；异常信号 @n@ 个，最近一个为 @last@'),
    ('bullet label', '@value@, target @target@', '@value@，目标 @target@');

-- what signals say
INSERT INTO kpi.texts VALUES
    ('grains day', 'days', '天'), ('grains week', 'weeks', '周'), ('grains month', 'months', '个月'),
    ('signal usual', '@centre@ (@n@ earlier @grains@)', '@centre@（此前 @n@ @grains@）'),
    ('signal usual day', '@centre@ (@n@ earlier @grains@, by the weekday)',
     '@centre@（此前 @n@ @grains@，按星期几比较）'),
    ('signal usual month', '@centre@ (@n@ earlier @grains@, by the month of the year)',
     '@centre@（此前 @n@ @grains@，按同月比较）'),
    ('signal outside above', '@value@ is above the limit of @limit@; usual is @usual@',
     '@value@ 高于上限 @limit@；通常为 @usual@'),
    ('signal outside below', '@value@ is below the limit of @limit@; usual is @usual@',
     '@value@ 低于下限 @limit@；通常为 @usual@'),
    ('signal run_of_eight above',
     '@value@: at least eight @grains@ in a row above what is usual, now @usual@',
     '@value@，已至少连续八@grains@高于通常水平，现通常为 @usual@'),
    ('signal run_of_eight below',
     '@value@: at least eight @grains@ in a row below what is usual, now @usual@',
     '@value@，已至少连续八@grains@低于通常水平，现通常为 @usual@'),
    ('signal three_of_four above',
     '@value@: three of the last four @grains@ are more than half way to the upper limit, now '
     '@limit@; usual is @usual@',
     '@value@，最近四@grains@中有三@grains@超过通常值与上限 @limit@ 的中点；通常为 @usual@'),
    ('signal three_of_four below',
     '@value@: three of the last four @grains@ are more than half way to the lower limit, now '
     '@limit@; usual is @usual@',
     '@value@，最近四@grains@中有三@grains@超过通常值与下限 @limit@ 的中点；通常为 @usual@'),
    ('signal within', 'within the limits of @lower@ and @upper@',
     '在界限 @lower@ 与 @upper@ 之内'),
    ('signal unvaried', 'no limits, as what was usual did not vary: @usual@',
     '没有界限，因为通常值没有变化：@usual@'),
    ('signal too early',
     'too little history: limits need eight earlier @grains@, without the first',
     '历史太短：不计第一期，须先有八@grains@才有界限');

-- what explain() says
INSERT INTO kpi.texts VALUES
    ('explain customers', 'customers', '客户数'),
    ('explain orders of each', 'orders of each', '每客订单数'),
    ('explain value', 'value of an order', '客单价'),
    ('explain several', 'guests, refunds', '游客与退款'),
    ('all of it', 'All', '合计'), ('more', '@n@ more', '其余 @n@ 项'),
    ('and more', 'And @n@ more.', '另有 @n@ 项。'),
    ('at several', 'at several', '同属多项'),
    ('explain nothing', 'there is nothing to compare with', '没有可比较的数据'),
    ('explain not over', 'the period is not over', '该期间尚未结束'),
    ('explain undivided',
     'there is something to divide, and nothing to divide it by: what it adds to the whole',
     '该成员有分子而无分母：按其占总体的部分计'),
    ('explain several why',
     'what members do not account for, as something can be at several of them',
     '各成员之外的部分，因同一对象可属于多个成员'),
    ('explain rose',
     'it rose though it rose at no member: more of it is at members where it is high (Simpson''s '
     'paradox)', '各成员均未上升而总体上升：数值高的成员占比增加（辛普森悖论）'),
    ('explain fell',
     'it fell though it fell at no member: more of it is at members where it is low (Simpson''s '
     'paradox)', '各成员均未下降而总体下降：数值低的成员占比增加（辛普森悖论）');

-- The table is small enough for the planner to read all of it, which takes three times as long.
CREATE FUNCTION text_said(code text, lang text) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off AS $$
BEGIN
    RETURN (SELECT CASE lang WHEN 'zh' THEN t.zh ELSE t.en END
            FROM   kpi.texts AS t WHERE t.code = text_said.code);
END $$;
COMMENT ON FUNCTION text_said(code text, lang text) IS
'a text of the table texts, in English (en) or Chinese (zh); NULL if there is none of this code';
